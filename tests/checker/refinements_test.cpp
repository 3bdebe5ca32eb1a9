// Models whose members are what they look like are taken; tests/refinements/refused.cpp has those that are not.
#include "checker/core/refinements.hpp"

#include <gtest/gtest.h>

#include "checker/audit/audited.hpp"
#include "tests/models/symmetric_recovery.hpp"
#include "tests/refinements/counter.hpp"

namespace refinements {
namespace {

struct Bare : Counter {};
struct WithEnvironment : Counter {
  [[nodiscard]] bool is_environment(const Action&) const { return false; }
};
/// By value and without exception: what a call needs is there.
struct Fair : Counter {
  [[nodiscard]] std::uint32_t component(Action) const noexcept { return 0; }
};
struct Other : Counter {
  int colour = 0;
  [[nodiscard]] int labels() const { return 0; }
  void renames(int) {}
};
struct Last final : Counter {};

static_assert(mc::refinements_are_whole<Counter>());
static_assert(mc::refinements_are_whole<Bare>() && !mc::Environmental<Bare>);
static_assert(mc::refinements_are_whole<WithEnvironment>() && mc::Environmental<WithEnvironment>);
static_assert(mc::refinements_are_whole<Fair>() && mc::Fair<Fair>);
static_assert(mc::refinements_are_whole<Other>());
static_assert(mc::refinements_are_whole<Last>());
static_assert(mc::refinements_are_whole<mc::models::SymmetricRecovery>());
static_assert(mc::refinements_are_whole<mc::Audited<Counter>>(), "a wrapper has every name, and is what it wraps");

TEST(Refinements, ModelsWithWholeOnesCompile) {
  // The assertions above are the test.
  SUCCEED();
}

}  // namespace
}  // namespace refinements
