#pragma once
// The terminal of a master or a local run: progress on stderr (a view redrawn in place where the
// terminal can, else a line per interval), the final report on stdout. One thread.

#include "report/console.hpp"

namespace boom::app {

class Terminal {
public:
    enum class Color { Allowed, Forbidden };
    enum class Progress { Shown, Hidden };
    Terminal(Color color, Progress progress) : color_(color), progress_(progress) {}

    void show_progress(const report::Result& result);
    // Before anything else is written to stderr by this thread: the view goes, and comes back with
    // the next interval.
    void make_room();
    void show_final(const report::Result& result);
    // How text is to be written to stdout.
    [[nodiscard]] report::TextStyle output_style() const;

private:
    // Asked anew each time: a window is resized while the test runs.
    [[nodiscard]] report::TerminalFacts facts(int descriptor) const;

    Color color_;
    Progress progress_;
    report::LiveScreen screen_;
};

}  // namespace boom::app
