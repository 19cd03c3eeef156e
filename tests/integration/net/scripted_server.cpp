#include "scripted_server.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace boom::test {

ScriptedServer::ScriptedServer(net::EventLoop& loop)
    : loop_(loop),
      port_(loop.listen({"127.0.0.1", 0}, net::EventLoop::PortSharing::Exclusive, *this)) {
    if (port_ <= 0) {
        throw std::runtime_error("no port to listen on");
    }
}

std::string ScriptedServer::url(std::string_view path) const {
    return fmt::format("http://127.0.0.1:{}{}", port_, path);
}

void ScriptedServer::close_connections() {
    for (const auto& [stream, text] : received_) {
        loop_.close(net::StreamId{stream}, net::EventLoop::CloseMode::AfterSending);
    }
    received_.clear();
    dialects_.clear();
}

void ScriptedServer::forget_requests() {
    requests_.clear();
    bytes_received_ = 0;
}

net::StreamListener* ScriptedServer::on_accepted(net::StreamId stream,
                                                 const Peer& /*peer*/) noexcept {
    ++connections_;
    received_[stream.value].clear();
    return this;
}

void ScriptedServer::on_data(net::StreamId stream, std::string_view bytes) noexcept {
    bytes_received_ += bytes.size();
    const auto dialect = dialects_.find(stream.value);
    if (dialect != dialects_.end()) {
        take_http2(stream, bytes);
        return;
    }
    std::string& text = received_[stream.value];
    text += bytes;
    if (text.substr(0, Http2Dialect::kPreface.size()) == Http2Dialect::kPreface) {
        dialects_[stream.value] = std::make_unique<Http2Dialect>();
        take_http2(stream, text);
        return;
    }
    while (take_request(stream)) {
    }
}

void ScriptedServer::on_closed(net::StreamId stream, int /*error*/) noexcept {
    received_.erase(stream.value);
    dialects_.erase(stream.value);
}

void ScriptedServer::take_http2(net::StreamId stream, std::string_view bytes) {
    Http2Dialect& dialect = *dialects_.at(stream.value);
    if (!dialect.receive(bytes)) {
        end(stream, Then::Close);
        return;
    }
    Then then = Then::KeepOpen;
    for (const Http2Dialect::Request& asked : dialect.take_requests()) {
        requests_.push_back({asked.head, asked.body});
        const Answer answer = answer_to(requests_.back());
        then = answer.then;
        if (!answer.text.empty() && answer.text.find("\r\n\r\n") == std::string::npos) {
            loop_.send(stream, answer.text);  // it is nothing in HTTP/2 either
        } else {
            dialect.answer(asked.stream, answer.text);
        }
    }
    const std::string output = dialect.take_output();
    if (!output.empty()) {
        loop_.send(stream, output);
    }
    end(stream, then);
}

bool ScriptedServer::take_request(net::StreamId stream) {
    const auto found = received_.find(stream.value);
    if (found == received_.end()) {
        return false;
    }
    std::string& text = found->second;
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string::npos) {
        return false;
    }
    Request request{text.substr(0, end + 4), ""};
    const auto length = static_cast<std::size_t>(
        base::parse_integer(header_of(request, "Content-Length")).value_or(0));
    if (text.size() < end + 4 + length) {
        return false;
    }
    request.body = text.substr(end + 4, length);
    text.erase(0, end + 4 + length);
    requests_.push_back(request);
    answer(stream, request);
    return true;
}

ScriptedServer::Answer ScriptedServer::answer_to(const Request& request) const {
    const auto line = request.head.substr(0, request.head.find("\r\n"));
    const std::size_t begin = line.find(' ') + 1;
    const std::string path = line.substr(begin, line.find(' ', begin) - begin);
    const auto found = answers_.find(path);
    return found == answers_.end() ? Answer{ok("")} : found->second;
}

void ScriptedServer::answer(net::StreamId stream, const Request& request) {
    const Answer answer = answer_to(request);
    const bool is_head = request.head.substr(0, 5) == "HEAD ";
    const std::string text =
        is_head ? answer.text.substr(0, answer.text.find("\r\n\r\n") + 4) : answer.text;
    if (!text.empty()) {
        loop_.send(stream, text);
    }
    end(stream, answer.then);
}

void ScriptedServer::end(net::StreamId stream, Then then) {
    if (then != Then::KeepOpen) {
        received_.erase(stream.value);
        dialects_.erase(stream.value);
        loop_.close(stream, then == Then::Reset ? net::EventLoop::CloseMode::Reset
                                                : net::EventLoop::CloseMode::AfterSending);
    }
}

std::string ok(std::string_view body, std::string_view headers) {
    return fmt::format("HTTP/1.1 200 OK\r\n{}Content-Length: {}\r\n\r\n{}", headers, body.size(),
                       body);
}

std::string header_of(const ScriptedServer::Request& request, std::string_view name) {
    std::string_view rest = request.head;
    while (!rest.empty()) {
        const std::size_t end = rest.find("\r\n");
        const std::string_view line = rest.substr(0, end);
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos &&
            base::equals_ignoring_case(line.substr(0, colon), name)) {
            return std::string(base::trim(line.substr(colon + 1)));
        }
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
    }
    return "(none)";
}

}  // namespace boom::test
