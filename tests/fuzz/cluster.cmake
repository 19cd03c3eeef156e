boom_fuzz(wire_fuzz SOURCES wire_fuzz.cpp DEPS base stats load wire)
boom_fuzz(body_fuzz SOURCES body_fuzz.cpp DEPS base load web)
