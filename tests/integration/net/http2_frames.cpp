#include "http2_frames.hpp"

#include "http2_dialect.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace boom::test {
namespace {

constexpr std::size_t kHeadBytes = 9;

char byte(std::uint32_t value) {
    return static_cast<char>(static_cast<unsigned char>(value & 0xff));
}

std::uint32_t value_of(char c) {
    return static_cast<unsigned char>(c);
}

// RFC 7541 section 5.1, with a prefix of 7 bits.
std::string length(std::size_t size) {
    constexpr std::size_t kPrefix = 127;
    if (size < kPrefix) {
        return std::string(1, byte(static_cast<std::uint32_t>(size)));
    }
    std::string text(1, byte(kPrefix));
    for (size -= kPrefix; size >= 128; size /= 128) {
        text += byte(static_cast<std::uint32_t>(size % 128 + 128));
    }
    return text + byte(static_cast<std::uint32_t>(size));
}

}  // namespace

std::string number(std::uint32_t value) {
    return {byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)};
}

std::uint32_t number_in(std::string_view bytes) {
    return value_of(bytes[0]) << 24 | value_of(bytes[1]) << 16 | value_of(bytes[2]) << 8 |
           value_of(bytes[3]);
}

std::string encode(const Frame& frame) {
    const auto size = static_cast<std::uint32_t>(frame.payload.size());
    return std::string{byte(size >> 16), byte(size >> 8), byte(size),
                       byte(static_cast<std::uint32_t>(frame.type)), byte(frame.flags)} +
           number(frame.stream) + frame.payload;
}

std::string setting(unsigned id, std::uint32_t value) {
    return std::string{byte(id >> 8), byte(id)} + number(value);
}

std::string literal(std::string_view name, std::string_view value) {
    std::string text(1, '\0');
    text += length(name.size());
    text += name;
    text += length(value.size());
    text += value;
    return text;
}

std::string status(std::string_view code) {
    return literal(":status", code);
}

std::string answer(std::uint32_t stream, std::string_view code, std::string_view body) {
    std::string text =
        encode({FrameType::Headers, kEndHeaders | (body.empty() ? kEndStream : kNoFlag), stream,
                status(code)});
    if (!body.empty()) {
        text += encode({FrameType::Data, kEndStream, stream, std::string(body)});
    }
    return text;
}

FrameServer::FrameServer(net::EventLoop& loop)
    : loop_(loop),
      port_(loop.listen({"127.0.0.1", 0}, net::EventLoop::PortSharing::Exclusive, *this)) {}

std::string FrameServer::url(std::string_view path) const {
    return fmt::format("http://127.0.0.1:{}{}", port_, path);
}

int FrameServer::count(FrameType type) const {
    return static_cast<int>(std::count_if(frames_.begin(), frames_.end(),
                                          [&](const Frame& frame) { return frame.type == type; }));
}

void FrameServer::close(net::StreamId connection) {
    clients_.erase(connection.value);
    loop_.close(connection, net::EventLoop::CloseMode::AfterSending);
}

net::StreamListener* FrameServer::on_accepted(net::StreamId stream, const Peer& /*peer*/) noexcept {
    clients_[stream.value].number = ++connections_;
    if (!greeting.empty()) {
        loop_.send(stream, greeting);
    }
    return this;
}

void FrameServer::on_data(net::StreamId stream, std::string_view bytes) noexcept {
    clients_[stream.value].bytes += bytes;
    while (true) {
        const auto found = clients_.find(stream.value);
        if (found == clients_.end()) {
            return;
        }
        Client& client = found->second;
        const std::size_t preface = client.is_greeted ? 0 : Http2Dialect::kPreface.size();
        if (client.bytes.size() < preface + kHeadBytes) {
            return;
        }
        client.bytes.erase(0, preface);
        client.is_greeted = true;
        const std::string_view head = client.bytes;
        const std::size_t size = number_in(head) >> 8;
        if (client.bytes.size() < kHeadBytes + size) {
            return;
        }
        frames_.push_back({static_cast<FrameType>(head[3]), value_of(head[4]),
                           number_in(head.substr(5)), client.bytes.substr(kHeadBytes, size),
                           stream});
        client.bytes.erase(0, kHeadBytes + size);
        const Frame frame = frames_.back();
        on_frame(frame, client.number);
    }
}

void FrameServer::on_closed(net::StreamId stream, int /*error*/) noexcept {
    clients_.erase(stream.value);
}

}  // namespace boom::test
