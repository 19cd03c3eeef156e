boom_fuzz(http1_response_fuzz SOURCES http1_response_fuzz.cpp DEPS base net)
