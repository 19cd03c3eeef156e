boom_fuzz(request_parser_fuzz SOURCES request_parser_fuzz.cpp DEPS base target)
