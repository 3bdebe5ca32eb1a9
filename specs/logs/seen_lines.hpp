// What the lines of a record, counted, say about the faults of the run and about the release of Ray that wrote them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/conform/record.hpp"

namespace raymc {

/// The value of a key; empty: there is none.
[[nodiscard]] std::string value_of(const std::vector<std::pair<std::string, std::string>>& values,
                                   std::string_view key);

/// The whole part of "2.5"; nothing if it is no number.
[[nodiscard]] std::optional<int> number_in(std::string_view text);

/// A value of the first fact of that name; empty: there is none.
[[nodiscard]] std::string fact_of(const mc::RecordFile& record, std::string_view name, std::string_view key);

/// The node of an owner; empty: the record does not say.
[[nodiscard]] std::string home_of(const mc::RecordFile& record, const std::string& owner);

/// The lines of a record.
class SeenLines {
 public:
  explicit SeenLines(const mc::RecordFile& record) : record_(record) {}

  /// Lines of a kind, with this word if one is given.
  [[nodiscard]] int count(std::string_view kind, std::string_view how = {}) const;

  /// Messages of a kind that a wire saw and that reached nobody.
  [[nodiscard]] int never_passed_on(std::string_view kind) const;

  /// Lease requests that a raylet read once more while their leases were granted or after these were over, although no
  /// call of theirs had failed.
  [[nodiscard]] int repeated_requests() const;

  /// Lease requests that were sent again while the same request was on its way: its owner was told of an error.
  [[nodiscard]] int requests_given_up() const;

  /// Failed probes of raylets that are never declared dead.
  [[nodiscard]] int probes_failed_for_now() const;

  /// Raylets that live when the GCS declares them dead: they say something afterwards, or that they learn of it.
  [[nodiscard]] int false_deaths() const;

  /// The GCS opens again, and no raylet says that it has noticed: one that kept its tables would notify them. Of one
  /// that has lost them they learn nothing but that it does not know their cluster, which ends them.
  [[nodiscard]] bool gcs_forgets() const;

  /// Writes of deaths that the GCS's store did not answer, as a wire saw.
  [[nodiscard]] int hung_writes() const;

  /// Ends of drivers ("from_owner") or raylets ("from_node") that a wire saw.
  [[nodiscard]] int ends_seen(std::string_view whose) const;

  /// Worker processes whose raylet sees their connection close before they have announced their port.
  [[nodiscard]] int starts_that_failed() const;

  /// Workers that begin to exit though nobody has asked them, no task has ended them, and no raylet kills them.
  [[nodiscard]] int exits_of_themselves() const;

  /// Since 2.59 (#65420) a raylet refuses a lease request whose cancellation came first.
  [[nodiscard]] bool leaves_tombstones() const;

 private:
  const mc::RecordFile& record_;
};

}  // namespace raymc
