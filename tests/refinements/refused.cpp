// Models with a member that has the name of a refinement and not its signature. None of them may compile: refused.sh
// looks whether the compiler names the members that the comment above each one says, and nothing else.
#include "tests/refinements/counter.hpp"

namespace refinements {

#define REFUSED(NAME, ...) \
  struct NAME : Counter {  \
    using Counter::apply;  \
    __VA_ARGS__            \
  };                       \
  static_assert(mc::refinements_are_whole<NAME>())

// Names: is_environment
REFUSED(EnvironmentAsNumber, int is_environment(const Action&) const;);
// Names: is_environment
REFUSED(EnvironmentNotConst, bool is_environment(const Action&););
// Names: is_environment
REFUSED(EnvironmentOfState, bool is_environment(const State&) const;);
// Names: is_environment
REFUSED(EnvironmentWithState, bool is_environment(const State&, const Action&) const;);
// Names: is_environment
REFUSED(EnvironmentAsMember, bool is_environment = true;);
// Names: is_environment
class EnvironmentHidden : public Counter {
  bool is_environment(const Action&) const;
};
static_assert(mc::refinements_are_whole<EnvironmentHidden>());
// Names: rules
REFUSED(RulesAlone, std::vector<std::string_view> rules() const;);
// Names: rules apply
REFUSED(RulesAsStrings, Strings rules() const; State apply(const State&, const Action&, mc::RuleSet&) const;);
// Names: apply
REFUSED(ApplyAlone, State apply(const State&, const Action&, mc::RuleSet&) const;);
// Names: apply
REFUSED(ApplyToNumber, State apply(const State&, const Action&, int&) const;);
// Names: component
REFUSED(ComponentWide, std::uint64_t component(const Action&) const;);
// Names: component
REFUSED(ComponentOfState, std::uint32_t component(const State&, const Action&) const;);
// Names: waits
REFUSED(WaitsAsText, std::string waits(const State&) const;);
// Names: renamings
REFUSED(RenamingsAlone, std::uint32_t renamings() const;);
// Names: renamed
REFUSED(RenamedAlone, State renamed(const State&, std::uint32_t) const;);
// Names: canonicalize
REFUSED(CanonicalizeAlone, std::uint32_t canonicalize(const State&, mc::ByteSink&) const;);
// Names: renamings renamed canonicalize
REFUSED(CanonicalizeGivesNothing, std::uint32_t renamings() const; State renamed(const State&, std::uint32_t) const;
        Action renamed(const Action&, std::uint32_t) const; void canonicalize(const State&, mc::ByteSink&) const;);
// Names: name
REFUSED(NameAlone, std::string name(const Action&) const;);
// Names: describe
REFUSED(DescribeAlone, Strings describe(const State&) const;);
// Names: name describe
REFUSED(NameAsView, std::string_view name(const Action&) const; std::string describe(const State&, const Action&) const;
        Strings describe(const State&) const;);
// Names: lanes
REFUSED(LanesAsStrings, Strings lanes() const;);
// Names: lane_of
REFUSED(LaneOfAlone, std::optional<std::size_t> lane_of(const State&, const Action&) const;);
// Names: bindings
REFUSED(BindingsAlone, Pairs bindings(const Action&) const;);
// Names: handled
REFUSED(HandledAlone, std::string handled(const Action&) const;);
// Names: scene
REFUSED(SceneAlone, mc::Scene scene(const State&) const;);

}  // namespace refinements
