boom_fuzz(plan_fuzz SOURCES plan_fuzz.cpp DEPS base expr load plan)
boom_fuzz(csv_fuzz SOURCES csv_fuzz.cpp DEPS base expr)
