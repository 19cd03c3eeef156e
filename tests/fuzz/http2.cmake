boom_fuzz(http2_engine_fuzz SOURCES http2_engine_fuzz.cpp DEPS base net)
