boom_fuzz(request_parser_fuzz SOURCES request_parser_fuzz.cpp DEPS base target)
boom_fuzz(multipart_fuzz SOURCES multipart_fuzz.cpp DEPS base target)
