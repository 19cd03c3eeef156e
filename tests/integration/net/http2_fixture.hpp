#pragma once
// The HTTP/2 engine and a server that the test answers for, frame by frame.

#include "engine_fixture.hpp"
#include "http2_frames.hpp"

#include <cstdint>
#include <deque>
#include <string>

namespace boom::test {

class Http2Fixture : public EngineFixture {
public:
    Http2Fixture() : frames(*loop) {
        engine = net::make_http2_engine(*loop);
        options.version = net::ConnectionOptions::Version::Http2;
    }
    const net::HttpResponse& ask(net::Exchange& exchange, const std::string& method = "GET") {
        prepare(exchange, method, frames.url());
        return perform(exchange);
    }
    // All of them at once; true when all are done.
    bool ask_all(std::deque<net::Exchange>& exchanges) {
        const int before = done.count;
        for (net::Exchange& exchange : exchanges) {
            prepare(exchange, "GET", frames.url());
            engine->start(exchange);
        }
        return run_until([&] { return done.count == before + static_cast<int>(exchanges.size()); });
    }
    void go_away(net::StreamId connection, std::uint32_t last_stream, std::uint32_t error = 0) {
        frames.send(connection,
                    encode({FrameType::GoAway, kNoFlag, 0, number(last_stream) + number(error)}));
    }
    void reset(const Frame& frame, std::uint32_t error) {
        frames.send(frame.connection,
                    encode({FrameType::ResetStream, kNoFlag, frame.stream, number(error)}));
    }

    FrameServer frames;
};

}  // namespace boom::test
