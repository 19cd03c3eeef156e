#include "target/request_parser.hpp"

#include "base/text.hpp"
#include "base/url.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace boom::target {
namespace {

constexpr std::size_t kUsualFields = 8;

using CharacterSet = std::array<bool, 256>;

constexpr std::size_t index_of(char character) {
    return static_cast<unsigned char>(character);
}

constexpr CharacterSet make_token_set() {
    CharacterSet set{};
    for (const char character : std::string_view("!#$%&'*+-.^_`|~0123456789")) {
        set[index_of(character)] = true;
    }
    for (std::size_t letter = 'a'; letter <= 'z'; ++letter) {
        set[letter] = true;
        set[letter - 'a' + 'A'] = true;
    }
    return set;
}

constexpr CharacterSet kToken = make_token_set();

// Visible characters, spaces, tabs and bytes above ASCII (RFC 9110 section 5.5).
constexpr bool is_field_byte(char character) {
    return (index_of(character) >= ' ' && character != '\x7f') || character == '\t';
}

bool is_token(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return kToken[index_of(c)]; });
}

bool is_field_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_field_byte);
}

bool is_target_text(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c != '\x7f'; });
}

std::string_view trim_blanks(std::string_view text) {
    constexpr std::string_view kBlanks = " \t";
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// "HTTP/1.1" with any two digits.
bool is_version(std::string_view text) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return text.size() == 8 && text.substr(0, 5) == "HTTP/" && is_digit(text[5]) &&
           text[6] == '.' && is_digit(text[7]);
}

// The path and query of the forms that RFC 9112 section 3.2 knows; empty for anything else.
std::optional<std::string_view> origin_form(std::string_view method, std::string_view target) {
    if (method == "CONNECT") {
        return std::nullopt;
    }
    if (target.front() == '/' || (target == "*" && method == "OPTIONS")) {
        return target;
    }
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (base::equals_ignoring_case(target.substr(0, scheme.size()), scheme) &&
            target.size() > scheme.size()) {
            const std::size_t slash = target.find_first_of("/?", scheme.size());
            const bool has_path = slash != std::string_view::npos && target[slash] == '/';
            return has_path ? target.substr(slash) : std::string_view("/");
        }
    }
    return std::nullopt;
}

std::optional<std::pair<std::string_view, std::string_view>> split_field(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
        return std::nullopt;  // a folded line or a space before the colon, too
    }
    const std::string_view value = trim_blanks(line.substr(colon + 1));
    if (!is_field_value(value)) {
        return std::nullopt;
    }
    return std::pair{line.substr(0, colon), value};
}

// Of a header that may come once; null when it comes not at all, empty optional when twice.
std::optional<const std::string*> single_field(const Fields& fields, std::string_view name) {
    const std::string* found = nullptr;
    for (const auto& [key, value] : fields) {
        if (base::equals_ignoring_case(key, name)) {
            if (found != nullptr) {
                return std::nullopt;
            }
            found = &value;
        }
    }
    return found;
}

}  // namespace

std::optional<Request> RequestParser::next() {
    Step done = Step::On;
    while (error_ == 0 && done == Step::On) {
        done = step();
    }
    if (consumed_ == buffer_.size()) {
        buffer_.clear();
        consumed_ = 0;
    } else if (consumed_ > 0 && done == Step::Starved) {
        buffer_.erase(0, consumed_);
        consumed_ = 0;
    }
    if (error_ != 0 || done != Step::Done) {
        return std::nullopt;
    }
    part_ = Part::Line;
    part_bytes_ = 0;
    wants_continue_ = false;
    std::optional<Request> request = std::move(current_);
    current_ = Request{};
    return request;
}

bool RequestParser::take_continue() {
    const bool is_waiting = part_ == Part::Body || part_ == Part::ChunkSize;
    const bool wants = wants_continue_ && is_waiting && error_ == 0;
    wants_continue_ = false;
    return wants;
}

std::string RequestParser::take_rest() {
    std::string rest(unread());
    buffer_.clear();
    consumed_ = scanned_ = 0;
    return rest;
}

RequestParser::Step RequestParser::step() {
    std::string_view line;
    switch (part_) {
        case Part::Line:
            return take_line(kMaxHead, 414, line) ? take_request_line(line) : Step::Starved;
        case Part::Head:
            return take_line(kMaxHead, 431, line) ? take_field(line) : Step::Starved;
        case Part::ChunkSize:
            part_bytes_ = 0;
            return take_line(kMaxChunkLine, 400, line) ? take_chunk_size(line) : Step::Starved;
        case Part::ChunkEnd:
            part_bytes_ = 0;
            if (!take_line(2, 400, line)) {
                return Step::Starved;
            }
            part_ = Part::ChunkSize;
            return line.empty() ? Step::On : fail(400);
        case Part::Trailers:
            return take_line(kMaxTrailers, 431, line) ? take_trailer(line) : Step::Starved;
        case Part::Body:
        case Part::ChunkData:
            break;
    }
    return take_bytes();
}

// A line ends with CRLF and nothing else: a bare CR or LF is an end of line to some readers only.
bool RequestParser::take_line(std::size_t limit, int status, std::string_view& line) {
    const std::string_view rest = unread();
    const std::size_t end = rest.find('\n', scanned_);
    const std::size_t size = end == std::string_view::npos ? rest.size() : end + 1;
    if (part_bytes_ + size > limit) {
        static_cast<void>(fail(status));
        return false;
    }
    if (end == std::string_view::npos) {
        scanned_ = rest.size();
        return false;
    }
    scanned_ = 0;
    if (end == 0 || rest[end - 1] != '\r') {
        static_cast<void>(fail(400));
        return false;
    }
    line = rest.substr(0, end - 1);
    consumed_ += size;
    part_bytes_ += size;
    return true;
}

RequestParser::Step RequestParser::fail(int status) {
    error_ = status;
    return Step::Starved;
}

RequestParser::Step RequestParser::take_request_line(std::string_view line) {
    if (line.empty()) {
        // Old clients end a body with a line too many (RFC 9112 section 2.2): one is forgiven.
        return part_bytes_ == 2 ? Step::On : fail(400);
    }
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || last == first) {
        return fail(400);
    }
    const std::string_view method = line.substr(0, first);
    const std::string_view version = line.substr(last + 1);
    const std::string_view text = line.substr(first + 1, last - first - 1);
    if (!is_token(method) || !is_target_text(text) || !is_version(version)) {
        return fail(400);
    }
    if (text.size() > kMaxTarget) {
        return fail(414);
    }
    is_version_1_0_ = version == "HTTP/1.0";
    if (!is_version_1_0_ && version != "HTTP/1.1") {
        return fail(505);
    }
    const auto target = origin_form(method, text);
    if (!target) {
        return fail(method == "CONNECT" ? 501 : 400);
    }
    const std::size_t question = target->find('?');
    current_.method = method;
    current_.headers.reserve(kUsualFields);
    current_.path = base::percent_decode(target->substr(0, question), base::PlusSign::Literal);
    current_.query = question == std::string_view::npos ? "" : target->substr(question + 1);
    part_ = Part::Head;
    return Step::On;
}

RequestParser::Step RequestParser::take_field(std::string_view line) {
    if (line.empty()) {
        return end_head();
    }
    const auto field = split_field(line);
    if (!field) {
        return fail(400);
    }
    if (current_.headers.size() == kMaxFields) {
        return fail(431);
    }
    current_.headers.emplace_back(field->first, field->second);
    return Step::On;
}

RequestParser::Step RequestParser::take_trailer(std::string_view line) {
    if (line.empty()) {
        return Step::Done;
    }
    const auto field = split_field(line);
    const bool is_framing =
        field && (base::equals_ignoring_case(field->first, "Content-Length") ||
                  base::equals_ignoring_case(field->first, "Transfer-Encoding") ||
                  base::equals_ignoring_case(field->first, "Host"));
    if (!field || is_framing) {
        return fail(400);
    }
    current_.trailers.emplace_back(field->first, field->second);
    return Step::On;
}

void RequestParser::read_connection() {
    bool has_close = false;
    bool has_keep_alive = false;
    for (const auto& [name, value] : current_.headers) {
        if (!base::equals_ignoring_case(name, "Connection")) {
            continue;
        }
        for (const std::string_view option : base::split_text(value, ',')) {
            has_close = has_close || base::equals_ignoring_case(trim_blanks(option), "close");
            has_keep_alive =
                has_keep_alive || base::equals_ignoring_case(trim_blanks(option), "keep-alive");
        }
    }
    current_.keeps_alive = !has_close && (!is_version_1_0_ || has_keep_alive);
}

// Where the body ends (RFC 9112 section 6). 0, or the status of the refusal: nothing that could be
// read in two ways, so that no request can hide inside another one.
int RequestParser::read_framing() {
    const auto length = single_field(current_.headers, "Content-Length");
    const auto coding = single_field(current_.headers, "Transfer-Encoding");
    if (!length || !coding || (*length != nullptr && *coding != nullptr)) {
        return 400;
    }
    part_ = Part::Body;
    bytes_left_ = 0;
    if (*coding != nullptr) {
        if (is_version_1_0_) {
            return 400;
        }
        part_ = Part::ChunkSize;
        return base::equals_ignoring_case(**coding, "chunked") ? 0 : 501;
    }
    if (*length == nullptr) {
        return 0;
    }
    const std::string& digits = **length;
    const bool is_number =
        !digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos;
    if (!is_number) {
        return 400;
    }
    const auto size = base::parse_integer(digits);
    if (!size || *size > static_cast<std::int64_t>(kMaxBody)) {
        return 413;
    }
    bytes_left_ = static_cast<std::size_t>(*size);
    return 0;
}

RequestParser::Step RequestParser::end_head() {
    const auto host = single_field(current_.headers, "Host");
    if (!host || (*host == nullptr && !is_version_1_0_)) {
        return fail(400);
    }
    read_connection();
    if (const int refusal = read_framing(); refusal != 0) {
        return fail(refusal);
    }
    const std::string_view expectation = current_.header("Expect");
    if (!expectation.empty() && !base::equals_ignoring_case(expectation, "100-continue")) {
        return fail(417);
    }
    wants_continue_ = !expectation.empty() && !is_version_1_0_;
    return part_ == Part::Body && bytes_left_ == 0 ? Step::Done : Step::On;
}

RequestParser::Step RequestParser::take_chunk_size(std::string_view line) {
    const std::string_view digits = line.substr(0, line.find(';'));
    std::size_t size = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, failed] = std::from_chars(digits.data(), end, size, 16);
    if (failed == std::errc::result_out_of_range) {
        return fail(413);
    }
    if (failed != std::errc{} || stop != end || !is_field_value(line)) {
        return fail(400);
    }
    if (size > kMaxBody - current_.body.size()) {
        return fail(413);
    }
    bytes_left_ = size;
    part_bytes_ = 0;
    part_ = size == 0 ? Part::Trailers : Part::ChunkData;
    return Step::On;
}

RequestParser::Step RequestParser::take_bytes() {
    const std::string_view bytes = unread().substr(0, bytes_left_);
    current_.body.append(bytes);
    consumed_ += bytes.size();
    bytes_left_ -= bytes.size();
    if (bytes_left_ > 0) {
        return Step::Starved;
    }
    if (part_ == Part::Body) {
        return Step::Done;
    }
    part_ = Part::ChunkEnd;
    return Step::On;
}

}  // namespace boom::target
