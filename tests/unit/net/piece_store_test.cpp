#include "net/piece_store.hpp"

#include <catch2/catch.hpp>

#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace boom::net {
namespace {

TEST_CASE("PieceStore: a freed piece is the next of its size", "[net]") {
    PieceStore store;
    void* first = store.allocate(100);
    CHECK(store.pieces_in_use() == 1);
    store.free(first);
    CHECK(store.pieces_in_use() == 0);
    void* second = store.allocate(128);
    CHECK(second == first);
    void* third = store.allocate(128);
    CHECK(third != second);
    store.free(second);
    store.free(third);
    store.free(nullptr);
}

TEST_CASE("PieceStore: zeroed pieces are zeroed, used before or not", "[net]") {
    PieceStore store;
    for (int round = 0; round < 2; ++round) {
        void* piece = store.allocate_zeroed(10, 30);
        CHECK(std::string(static_cast<const char*>(piece), 300) == std::string(300, '\0'));
        std::memset(piece, 'x', 300);
        store.free(piece);
    }
    CHECK(store.allocate_zeroed(std::numeric_limits<std::size_t>::max(), 2) == nullptr);
    CHECK(store.allocate(std::numeric_limits<std::size_t>::max()) == nullptr);
    CHECK(store.pieces_in_use() == 0);
}

TEST_CASE("PieceStore: pieces keep what is in them whatever happens to the others", "[net]") {
    const auto seed = std::random_device()();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    struct Piece {
        void* memory = nullptr;
        std::size_t size = 0;
        char letter = 0;
    };
    const auto is_whole = [](const Piece& piece) {
        return std::string(static_cast<const char*>(piece.memory), piece.size) ==
               std::string(piece.size, piece.letter);
    };
    PieceStore store;
    std::vector<Piece> pieces(50);
    for (int round = 0; round < 5000; ++round) {
        Piece& piece = pieces[random() % pieces.size()];
        REQUIRE(is_whole(piece));
        const std::size_t before = piece.size;
        switch (random() % 3) {
            case 0:
                store.free(piece.memory);
                piece = {};
                continue;
            case 1:
                store.free(piece.memory);
                piece.size = random() % 1500;
                piece.memory = store.allocate(piece.size);
                break;
            default:
                piece.size = random() % 1500;
                piece.memory = store.reallocate(piece.memory, piece.size);
                REQUIRE(std::string(static_cast<const char*>(piece.memory),
                                    std::min(before, piece.size)) ==
                        std::string(std::min(before, piece.size), piece.letter));
                break;
        }
        REQUIRE(piece.memory != nullptr);
        piece.letter = static_cast<char>('a' + random() % 26);
        std::memset(piece.memory, piece.letter, piece.size);
    }
    for (const Piece& piece : pieces) {
        CHECK(is_whole(piece));
        store.free(piece.memory);
    }
    CHECK(store.pieces_in_use() == 0);
}

}  // namespace
}  // namespace boom::net
