#pragma once
// Where a request goes: what its URL says before the path. Parsed again only when that part of the
// URL changes. One thread.

#include <cstdint>
#include <string>
#include <string_view>

namespace boom::net {

// What a connection is for.
struct Http1Origin {
    enum class Scheme : std::uint8_t { Plain, Tls };
    std::string host;  // without brackets
    int port = 0;
    Scheme scheme = Scheme::Plain;

    bool operator==(const Http1Origin&) const = default;
};

class RequestOrigin {
public:
    enum class Taken : std::uint8_t { Known, New, Invalid };
    // Known: the same as before. After Invalid there is none.
    [[nodiscard]] Taken take(std::string_view url);
    // What follows it in that URL, without the fragment; may be empty or begin with '?'.
    [[nodiscard]] std::string_view target_of(std::string_view url) const;

    [[nodiscard]] const Http1Origin& origin() const { return origin_; }
    // Counts the changes of origin(): where it is equal, so is the origin.
    [[nodiscard]] int version() const { return version_; }
    // "host:port", the port only where it is not the scheme's own.
    [[nodiscard]] const std::string& authority() const { return authority_; }
    // "Basic …" of the URL's user and password; empty when it has none.
    [[nodiscard]] const std::string& credentials() const { return credentials_; }

private:
    [[nodiscard]] bool parse(std::string_view prefix);

    std::string prefix_;  // "http://host:port" as it was given
    std::string authority_;
    std::string credentials_;
    Http1Origin origin_;
    int version_ = 0;
};

// The target may go on the wire: no spaces and nothing unprintable.
[[nodiscard]] bool is_clean_target(std::string_view target);
// RFC 9110 8.6: some methods say that they have no body by a length of 0.
[[nodiscard]] bool sends_length(std::string_view method, std::string_view body);

// The same words in both versions of HTTP.
constexpr std::string_view kBadUrl = "the request cannot be made: its URL is not valid";
constexpr std::string_view kBadMethod = "the request cannot be made: its method is not valid";

}  // namespace boom::net
