#include "net/uring_buffers.hpp"

#include <sys/mman.h>

namespace boom::net {
namespace {

std::uint16_t index_of(const io_uring_cqe& completion) {
    return static_cast<std::uint16_t>(completion.flags >> IORING_CQE_BUFFER_SHIFT);
}

bool has_buffer(const io_uring_cqe& completion) {
    return (completion.flags & IORING_CQE_F_BUFFER) != 0;
}

}  // namespace

UringBuffers::~UringBuffers() {
    if (ring_ != nullptr) {
        ::munmap(ring_, kBuffers * sizeof(io_uring_buf));
    }
}

bool UringBuffers::set_up(io_uring& ring) {
    void* place = ::mmap(nullptr, kBuffers * sizeof(io_uring_buf), PROT_READ | PROT_WRITE,
                         MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
    if (place == MAP_FAILED) {
        return false;
    }
    ring_ = static_cast<io_uring_buf_ring*>(place);
    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uintptr_t>(place);
    registration.ring_entries = kBuffers;
    registration.bgid = kGroup;
    if (io_uring_register_buf_ring(&ring, &registration, 0) != 0) {
        return false;
    }
    io_uring_buf_ring_init(ring_);
    memory_.resize(kBuffers * kBytes);
    for (unsigned index = 0; index < kBuffers; ++index) {
        provide(static_cast<std::uint16_t>(index));
    }
    return true;
}

void UringBuffers::provide(std::uint16_t index) {
    io_uring_buf_ring_add(ring_, memory_.data() + index * kBytes, kBytes, index,
                          io_uring_buf_ring_mask(kBuffers), 0);
    io_uring_buf_ring_advance(ring_, 1);
}

std::string_view UringBuffers::received(const io_uring_cqe& completion) const {
    if (!has_buffer(completion) || completion.res <= 0) {
        return {};
    }
    return {memory_.data() + index_of(completion) * kBytes,
            static_cast<std::size_t>(completion.res)};
}

void UringBuffers::give_back(const io_uring_cqe& completion) {
    if (has_buffer(completion)) {
        provide(index_of(completion));
    }
}

}  // namespace boom::net
