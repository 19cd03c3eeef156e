#pragma once
// Bytes that never change: of files of the user, from a few to many gigabytes.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace boom::base {

// Up to kMaxHeldBytes they are held in memory. More are a read-only mapping of a file of our own
// without a name: nobody can change or shorten it, the kernel drops what is not in use and reads
// it again, and it is gone with the process. Copies share. Any thread.
class Content {
public:
    static constexpr std::size_t kMaxHeldBytes = std::size_t{16} << 20U;

    Content() : Content(std::string()) {}
    // Held in memory, however many they are.
    explicit Content(std::string bytes);

    [[nodiscard]] std::string_view view() const { return bytes_; }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] const std::string& sha256() const { return *sha256_; }  // in hex
    [[nodiscard]] bool is_mapped() const { return is_mapped_; }

private:
    friend class ContentWriter;

    std::shared_ptr<const void> owner_;
    std::shared_ptr<const std::string> sha256_;
    std::string_view bytes_;
    bool is_mapped_ = false;
};

// Where files beyond the budget of memory are kept: TMPDIR, else /var/tmp, which unlike /tmp is no
// memory, else /tmp.
[[nodiscard]] std::string content_folder();

// Takes a content piece by piece. One thread.
class ContentWriter {
public:
    explicit ContentWriter(std::size_t max_held_bytes = Content::kMaxHeldBytes);
    ~ContentWriter();
    ContentWriter(ContentWriter&&) noexcept;
    ContentWriter& operator=(ContentWriter&&) noexcept;

    // So many will come, if that is known. False: there is no room for them.
    [[nodiscard]] bool expect(std::uint64_t bytes);
    // False: they cannot be kept.
    [[nodiscard]] bool append(std::string_view bytes);
    // Once, when all have come. Empty: they could not be kept.
    [[nodiscard]] std::optional<Content> finish();
    // Why not.
    [[nodiscard]] const std::string& problem() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace boom::base
