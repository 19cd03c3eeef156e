boom_fuzz(histogram_fuzz SOURCES histogram_fuzz.cpp DEPS stats)
# A second entrance behind the compression, where mutations of the counts survive.
find_package(ZLIB REQUIRED)
if(TARGET histogram_fuzz)
    target_link_libraries(histogram_fuzz PRIVATE ZLIB::ZLIB)
endif()
