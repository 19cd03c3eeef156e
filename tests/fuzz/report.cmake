boom_fuzz(scrape_fuzz SOURCES scrape_fuzz.cpp DEPS base report)
boom_fuzz(access_log_fuzz SOURCES access_log_fuzz.cpp DEPS base report)
