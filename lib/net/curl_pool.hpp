#pragma once
// The kept connections of one virtual user (design D4). Without it the multi handle lends one
// user's idle connection to another. The thread of its engine.

namespace boom::net {

class CurlPool {
public:
    CurlPool();
    // Closes the connections. No easy handle may use it any more.
    ~CurlPool();
    CurlPool(const CurlPool&) = delete;
    CurlPool& operator=(const CurlPool&) = delete;

    // For CURLOPT_SHARE.
    [[nodiscard]] void* share() const { return share_; }

private:
    void* share_;
};

}  // namespace boom::net
