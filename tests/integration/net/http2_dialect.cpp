#include "http2_dialect.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nghttp2/nghttp2.h>
#include <stdexcept>

namespace boom::test {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {static_cast<const char*>(static_cast<const void*>(data)), size};
}

std::uint8_t* bytes_of(const std::string& text) {
    return static_cast<std::uint8_t*>(static_cast<void*>(const_cast<char*>(text.data())));
}

// Name (in lower case) and value of each line; what HTTP/2 has no place for is left out.
Lines lines_of(std::string_view block) {
    Lines lines;
    while (!block.empty()) {
        const std::size_t end = block.find('\n');
        const std::string_view line = block.substr(0, end);
        block.remove_prefix(end == std::string_view::npos ? block.size() : end + 1);
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos) {
            lines.emplace_back(base::to_lower(line.substr(0, colon)),
                               std::string(base::trim(line.substr(colon + 1))));
        }
    }
    std::erase_if(lines, [](const auto& line) {
        return line.first == "transfer-encoding" || line.first == "connection";
    });
    return lines;
}

std::vector<nghttp2_nv> fields_of(const Lines& lines) {
    std::vector<nghttp2_nv> fields;
    for (const auto& [name, value] : lines) {
        fields.push_back(
            {bytes_of(name), bytes_of(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    return fields;
}

// The chunks of `text`, joined; trailers stay away. Whether the last chunk is there.
bool join_chunks(std::string_view text, std::string& body) {
    while (true) {
        const std::size_t end = text.find("\r\n");
        std::size_t size = 0;
        if (end == std::string_view::npos ||
            std::from_chars(text.data(), text.data() + end, size, 16).ec != std::errc()) {
            return false;
        }
        text.remove_prefix(end + 2);
        if (size == 0) {
            return true;
        }
        body += text.substr(0, size);
        text.remove_prefix(std::min(text.size(), size + 2));
    }
}

}  // namespace

struct Http2Dialect::Raw {
    nghttp2_session* session = nullptr;
    ~Raw() { nghttp2_session_del(session); }
};

struct Http2Dialect::Callbacks {
    static Http2Dialect& self(void* data) { return *static_cast<Http2Dialect*>(data); }

    static int on_header(nghttp2_session* /*raw*/, const nghttp2_frame* frame,
                         const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
                         std::size_t value_size, std::uint8_t /*flags*/, void* data) {
        Request& request = self(data).streams_[frame->hd.stream_id].request;
        const std::string_view field = text_of(name, name_size);
        const std::string_view text = text_of(value, value_size);
        if (field == ":method") {
            request.head.insert(0, std::string(text) + " ");
        } else if (field == ":path") {
            request.head += std::string(text) + " HTTP/1.1\r\n";
        } else if (field == ":authority") {
            self(data).authority_ = text;
        } else if (field != ":scheme") {
            request.head += fmt::format("{}: {}\r\n", field, text);
        }
        return 0;
    }
    static int on_data(nghttp2_session* /*raw*/, std::uint8_t /*flags*/, std::int32_t id,
                       const std::uint8_t* bytes, std::size_t size, void* data) {
        self(data).streams_[id].request.body += text_of(bytes, size);
        return 0;
    }
    static int on_frame(nghttp2_session* /*raw*/, const nghttp2_frame* frame, void* data) {
        const bool has_request =
            frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
        if (has_request && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
            Request request = self(data).streams_[frame->hd.stream_id].request;
            request.stream = frame->hd.stream_id;
            request.head += "Host: " + self(data).authority_ + "\r\n\r\n";
            self(data).requests_.push_back(std::move(request));
        }
        return 0;
    }
    static ssize_t read_answer(nghttp2_session* /*raw*/, std::int32_t id, std::uint8_t* buffer,
                               std::size_t size, std::uint32_t* flags,
                               nghttp2_data_source* /*source*/, void* data) {
        Stream& stream = self(data).streams_[id];
        const std::string_view part =
            std::string_view(stream.answer_body).substr(stream.answered, size);
        stream.answered += part.size();
        std::copy(part.begin(), part.end(), buffer);
        const bool is_all = stream.answered == stream.answer_body.size();
        if (is_all && stream.is_cut && part.empty()) {
            return NGHTTP2_ERR_DEFERRED;
        }
        *flags |= is_all && !stream.is_cut ? NGHTTP2_DATA_FLAG_EOF : NGHTTP2_DATA_FLAG_NONE;
        return static_cast<ssize_t>(part.size());
    }
};

Http2Dialect::Http2Dialect() : raw_(std::make_unique<Raw>()) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::on_frame);
    const int made = nghttp2_session_server_new(&raw_->session, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    if (made != 0) {
        throw std::runtime_error("no HTTP/2 session");
    }
    const std::array<nghttp2_settings_entry, 1> settings{
        {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 100}}};
    nghttp2_submit_settings(raw_->session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
}

Http2Dialect::~Http2Dialect() = default;

bool Http2Dialect::receive(std::string_view bytes) {
    const std::string copy(bytes);
    return nghttp2_session_mem_recv(raw_->session, bytes_of(copy), copy.size()) >= 0;
}

std::vector<Http2Dialect::Request> Http2Dialect::take_requests() {
    return std::exchange(requests_, {});
}

void Http2Dialect::answer(std::int32_t stream, std::string_view text) {
    const bool is_head_request = streams_[stream].request.head.substr(0, 5) == "HEAD ";
    while (!text.empty()) {
        const std::size_t end = text.find("\r\n\r\n");
        const std::string_view head = text.substr(0, end);
        const std::size_t line_end = head.find("\r\n");
        if (end == std::string_view::npos || head.size() < 12) {
            return;  // cut in the midst of its head: nothing of it can be said
        }
        const std::string status(head.substr(9, 3));
        Lines lines = lines_of(line_end == std::string_view::npos ? std::string_view()
                                                                  : head.substr(line_end + 2));
        lines.insert(lines.begin(), {":status", status});
        text.remove_prefix(end + 4);
        if (status[0] == '1') {
            const auto fields = fields_of(lines);
            nghttp2_submit_headers(raw_->session, NGHTTP2_FLAG_NONE, stream, nullptr, fields.data(),
                                   fields.size(), nullptr);
            continue;
        }
        Stream& known = streams_[stream];
        known.answer_body = text;
        if (head.find("chunked") != std::string_view::npos) {
            known.answer_body.clear();
            known.is_cut = !join_chunks(text, known.answer_body);
        }
        if (is_head_request) {
            known.answer_body.clear();
        }
        for (const auto& [name, value] : lines) {
            if (name == "content-length" && !is_head_request) {
                known.is_cut = static_cast<std::int64_t>(known.answer_body.size()) <
                               base::parse_integer(value).value_or(0);
            }
        }
        const auto fields = fields_of(lines);
        nghttp2_data_provider body{};
        body.read_callback = &Callbacks::read_answer;
        const bool has_body = !known.answer_body.empty() || known.is_cut;
        nghttp2_submit_response(raw_->session, stream, fields.data(), fields.size(),
                                has_body ? &body : nullptr);
        return;
    }
}

std::string Http2Dialect::take_output() {
    std::string output;
    while (true) {
        const std::uint8_t* bytes = nullptr;
        const ssize_t size = nghttp2_session_mem_send(raw_->session, &bytes);
        if (size <= 0) {
            return output;
        }
        output += text_of(bytes, static_cast<std::size_t>(size));
    }
}

}  // namespace boom::test
