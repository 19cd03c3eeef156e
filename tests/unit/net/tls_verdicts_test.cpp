// What a client believes of a server, most of all after it has seen a good one.
#include "net/tls_verdicts.hpp"

#include "net/freer.hpp"
#include "net/tls_stream.hpp"

#include <catch2/catch.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace boom::net;

namespace {

using Bio = std::unique_ptr<BIO, Freer<::BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<::EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<::X509_free>>;

constexpr long kDay = 24L * 3600;

Key make_key(const std::string& kind) {
    if (kind == "P-256" || kind == "P-384") {
        return Key(::EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kind.c_str()));
    }
    const std::unique_ptr<EVP_PKEY_CTX, Freer<::EVP_PKEY_CTX_free>> context(
        ::EVP_PKEY_CTX_new_from_name(nullptr, kind.c_str(), nullptr));
    EVP_PKEY* key = nullptr;
    ::EVP_PKEY_keygen_init(context.get());
    ::EVP_PKEY_generate(context.get(), &key);
    return Key(key);
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

// Who signs: itself, or its successors.
class Authority {
public:
    struct Wish {
        std::string key = "P-256";
        std::string names = "DNS:localhost,IP:127.0.0.1";
        const char* is_authority = "CA:FALSE";
        long days_to_begin = -2;
        long days_to_end = 2;
    };

    explicit Authority(const char* name, const Authority* signer = nullptr) {
        Wish wish;
        wish.is_authority = "critical,CA:TRUE";
        make(name, wish, signer);
    }
    [[nodiscard]] TlsIdentity sign(const Wish& wish) const {
        Authority server;
        server.make("server", wish, this);
        return {server.certificate(), server.key()};
    }
    [[nodiscard]] std::string certificate() const {
        const Bio bio(::BIO_new(::BIO_s_mem()));
        ::PEM_write_bio_X509(bio.get(), certificate_.get());
        return text_of(bio.get());
    }

private:
    Authority() = default;
    void make(const std::string& name, const Wish& wish, const Authority* signer) {
        static long serial = 0;
        const Authority& by = signer != nullptr ? *signer : *this;
        key_ = make_key(wish.key);
        certificate_.reset(::X509_new());
        X509* const made = certificate_.get();
        ::X509_set_version(made, 2);
        ::ASN1_INTEGER_set(::X509_get_serialNumber(made), ++serial);
        ::X509_gmtime_adj(X509_getm_notBefore(made), wish.days_to_begin * kDay);
        ::X509_gmtime_adj(X509_getm_notAfter(made), wish.days_to_end * kDay);
        const std::vector<unsigned char> bytes(name.begin(), name.end());
        ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(made), "CN", MBSTRING_ASC,
                                     bytes.data(), static_cast<int>(bytes.size()), -1, 0);
        ::X509_set_issuer_name(made, ::X509_get_subject_name(by.certificate_.get()));
        ::X509_set_pubkey(made, key_.get());
        add(NID_basic_constraints, wish.is_authority);
        add(NID_subject_alt_name, wish.names.c_str());
        REQUIRE(::X509_sign(made, by.key_.get(), ::EVP_sha256()) > 0);
    }
    void add(int kind, const char* value) {
        const std::unique_ptr<X509_EXTENSION, Freer<::X509_EXTENSION_free>> extension(
            ::X509V3_EXT_conf_nid(nullptr, nullptr, kind, value));
        REQUIRE(::X509_add_ext(certificate_.get(), extension.get(), -1) == 1);
    }
    [[nodiscard]] std::string key() const {
        const Bio bio(::BIO_new(::BIO_s_mem()));
        ::PEM_write_bio_PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
        return text_of(bio.get());
    }

    Key key_;
    Certificate certificate_;
};

// Text in a file that goes away with it.
class File {
public:
    explicit File(const std::string& text) {
        std::string name = (std::filesystem::temp_directory_path() / "boom-tls-XXXXXX").string();
        const int descriptor = ::mkstemp(name.data());
        REQUIRE(descriptor >= 0);
        ::close(descriptor);
        std::ofstream(name) << text;
        name_ = name;
    }
    ~File() { std::filesystem::remove(name_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    std::string name_;
};

// A client that trusts one authority.
class Client {
public:
    explicit Client(const std::string& trusted)
        : file_(trusted),
          context_(TlsContext::for_client(TlsContext::Verify::Peer, file_.name()).context) {
        REQUIRE(context_ != nullptr);
    }
    // Why it does not speak with that server; empty: it does.
    [[nodiscard]] std::string refusal_of(const TlsContext* server,
                                         const std::string& name = "localhost") const {
        REQUIRE(server != nullptr);
        TlsStream here(*context_, name);
        TlsStream there(*server);
        std::string to_here;
        std::string to_there;
        std::string unused;
        here.start(to_there);
        while (!to_there.empty()) {
            there.receive(std::exchange(to_there, {}), unused, to_here);
            here.receive(std::exchange(to_here, {}), unused, to_there);
        }
        CHECK((here.phase() == TlsStream::Phase::Open) == here.error().empty());
        return here.error();
    }
    [[nodiscard]] std::string refusal_of(const TlsIdentity& identity,
                                         const std::string& name = "localhost") const {
        return refusal_of(TlsContext::for_server(identity).context.get(), name);
    }

private:
    File file_;
    std::unique_ptr<TlsContext> context_;
};

const std::string kExpired = "certificate has expired";
const std::string kNotYet = "certificate is not yet valid";
const std::string kOtherHost = "hostname mismatch";
const std::string kOtherAddress = "IP address mismatch";
const std::string kUnknown = "unable to get local issuer certificate";

}  // namespace

TEST_CASE("TlsStream: a client knows certificates with any usual kind of key", "[net]") {
    const Authority authority("authority");
    const Client client(authority.certificate());
    Authority::Wish wish;
    wish.key = GENERATE(as<std::string>(), "RSA", "RSA-PSS", "P-256", "P-384", "ED25519");
    INFO(wish.key);
    CHECK(client.refusal_of(authority.sign(wish)).empty());
}

TEST_CASE("TlsStream: a client that verifies goes on to refuse after it has seen a good server",
          "[net]") {
    const Authority authority("authority");
    const Client client(authority.certificate());
    const TlsIdentity good = authority.sign({});
    for (int round = 0; round < 3; ++round) {
        CHECK(client.refusal_of(good).empty());
        CHECK(client.refusal_of(good, "127.0.0.1").empty());
        CHECK(client.refusal_of(good, "other.example") == kOtherHost);
        CHECK(client.refusal_of(good, "127.0.0.2") == kOtherAddress);

        Authority::Wish wish;
        wish.days_to_end = -1;
        CHECK(client.refusal_of(authority.sign(wish)) == kExpired);
        wish = {};
        wish.days_to_begin = 1;
        CHECK(client.refusal_of(authority.sign(wish)) == kNotYet);
        wish = {};
        wish.names = "DNS:other.example";
        const TlsIdentity other = authority.sign(wish);
        CHECK(client.refusal_of(other) == kOtherHost);
        CHECK(client.refusal_of(other, "other.example").empty());
        // The same names, signed by somebody else of the same name, and by nobody.
        const Authority stranger("authority");
        CHECK_FALSE(client.refusal_of(stranger.sign({})).empty());
        CHECK_FALSE(client.refusal_of(make_self_signed_identity()).empty());
    }
}

TEST_CASE("TlsStream: a server that has proved a chain must send it again", "[net]") {
    const Authority root("root");
    const Authority between("between", &root);
    const TlsIdentity leaf = between.sign({});
    const File key(leaf.key);
    const File chain(leaf.certificate + between.certificate());
    const auto whole = TlsContext::for_server_files(chain.name(), key.name());
    const Client client(root.certificate());
    CHECK(client.refusal_of(leaf) == kUnknown);
    CHECK(client.refusal_of(whole.context.get()).empty());
    CHECK(client.refusal_of(whole.context.get()).empty());
    CHECK(client.refusal_of(leaf) == kUnknown);
    CHECK(Client(Authority("root").certificate()).refusal_of(whole.context.get()) != "");
}

TEST_CASE("TlsStream: what one client has found good says nothing to another", "[net]") {
    const Authority authority("authority");
    const TlsIdentity good = authority.sign({});
    CHECK(Client(authority.certificate()).refusal_of(good).empty());
    CHECK(Client(Authority("other").certificate()).refusal_of(good) == kUnknown);
}

TEST_CASE("TlsVerdicts: a chain is good from the first to the last moment of all its parts",
          "[net]") {
    using std::chrono::seconds;
    const TlsVerdicts::Time begin{seconds(1'000'000)};
    const TlsVerdicts::Time end{seconds(2'000'000)};
    TlsVerdicts verdicts;
    CHECK_FALSE(verdicts.has_found_good("chain", begin));
    verdicts.remember_good("chain", {begin, end});
    CHECK_FALSE(verdicts.has_found_good("chain", begin - seconds(1)));
    CHECK(verdicts.has_found_good("chain", begin));
    CHECK(verdicts.has_found_good("chain", end));
    CHECK_FALSE(verdicts.has_found_good("chain", end + seconds(1)));
    CHECK_FALSE(verdicts.has_found_good("chair", begin));
    CHECK_FALSE(verdicts.has_found_good("", begin));
}

TEST_CASE("TlsVerdicts: more chains than are remembered are judged anew", "[net]") {
    TlsVerdicts verdicts;
    const TlsVerdicts::Time now{};
    for (std::size_t number = 0; number <= TlsVerdicts::kMost; ++number) {
        verdicts.remember_good(std::to_string(number), {now, now});
    }
    CHECK_FALSE(verdicts.has_found_good("0", now));
    CHECK(verdicts.has_found_good(std::to_string(TlsVerdicts::kMost), now));
}
