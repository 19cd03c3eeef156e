#pragma once
// The result of an hour with much in it: 200 steps, 200 errors, 20 load boxes, their figures.

#include "report/result.hpp"

namespace boom::test {

[[nodiscard]] report::Result make_hour();

}  // namespace boom::test
