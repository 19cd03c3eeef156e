#pragma once
// Errors of the user, and every exit code of the program.

#include <exception>
#include <string>
#include <vector>

namespace boom::base {

// What a process ends with. The first that holds, in the order of `kExitPrecedence`, wins.
enum class ExitCode : int {
    Passed = 0,
    Internal = 1,           // a bug of ours
    NoSuccess = 96,         // no request succeeded
    LoadNotDelivered = 97,  // the generator could not offer the asked load
    WorkerLost = 98,        // and the policy says abort
    ThresholdFailed = 99,
    Refused = 101,           // before the start: port busy, quota, descriptors, output not writable
    SetupFailed = 102,       // the run_setup of a case: no load was sent
    NotEnoughWorkers = 103,  // in time
    BadInput = 104,          // flags, case or data file
    Signalled = 105,         // stopped by a signal
    FunctionFailed = 107,    // a user function failed to load
};

// Where in the user's input: a file with line and column (1-based; 0 = not known), or a flag.
struct Location {
    std::string file;
    int line = 0;
    int column = 0;

    // "case.yml:3:7", "case.yml" or "--spawn-count".
    [[nodiscard]] std::string text() const;
};

// One mistake of the user.
struct Mistake {
    Location where;
    std::string what;
    std::string hint;  // may be empty
    ExitCode code = ExitCode::BadInput;

    // "case.yml:3:7: unknown key 'ur' (did you mean 'url'?)"
    [[nodiscard]] std::string text() const;
};

// One or more mistakes of the user, collected and reported together; caught once, in main.
class ConfigError : public std::exception {
public:
    explicit ConfigError(std::vector<Mistake> mistakes);
    explicit ConfigError(Mistake mistake);

    [[nodiscard]] const std::vector<Mistake>& mistakes() const { return mistakes_; }
    [[nodiscard]] ExitCode code() const { return mistakes_.front().code; }
    [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

private:
    std::vector<Mistake> mistakes_;  // never empty
    std::string text_;               // one line each
};

}  // namespace boom::base
