boom_fuzz(jmespath_fuzz SOURCES jmespath_fuzz.cpp DEPS base expr)
boom_fuzz(template_fuzz SOURCES template_fuzz.cpp DEPS base expr)
boom_fuzz(json_fuzz SOURCES json_fuzz.cpp DEPS base expr)
