boom_fuzz(http1_response_fuzz SOURCES http1_response_fuzz.cpp DEPS base net)
boom_fuzz(engine_fuzz SOURCES engine_fuzz.cpp DEPS base net)
boom_fuzz(web_socket_fuzz SOURCES web_socket_fuzz.cpp DEPS base net)
boom_fuzz(web_socket_handshake_fuzz SOURCES web_socket_handshake_fuzz.cpp DEPS base net)
