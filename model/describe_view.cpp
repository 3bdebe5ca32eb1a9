#include "model/describe_view.hpp"

#include "model/describe_words.hpp"

namespace raymc {
namespace {

void part(std::string& text, const std::string& more) {
  if (!text.empty()) text += ", ";
  text += more;
}

std::string entry(std::uint8_t node, RowCpus cpus) {
  return NodeId{node}.name() + "=" + std::to_string(cpus - 1);
}

std::string rows_text(const Config& config, const ViewRows& rows) {
  std::string text;
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    if (!rows[n].exists()) continue;
    const std::string version = config.streams_may_break() ? " v" + std::to_string(rows[n].version) : "";
    part(text, entry(n, rows[n].cpus) + version + (rows[n].drains ? " draining" : ""));
  }
  return "{" + text + "}";
}

}  // namespace

std::string raylet_view_text(const Config& config, const RayletView& view) {
  if (!config.tracked()) return "";
  std::string seen;
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    if (view.rows[n] != 0) part(seen, entry(n, view.rows[n]));
  }
  std::string text = "sees {" + seen + "}, heard " + rows_text(config, view.stored);
  if (view.sample_due) part(text, "sample due");
  return text;
}

std::string gcs_view_text(const Config& config, const GcsView& view) {
  if (!config.tracked()) return "";
  std::string text = "heard " + rows_text(config, view.stored);
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    if (view.streams[n] != Stream::kOpen) part(text, "stream of " + NodeId{n}.name() + " " + word(view.streams[n]));
  }
  return text;
}

void add_view_messages(const Config& config, const GcsView& view, std::vector<std::string>& texts) {
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    const std::string node = NodeId{n}.name();
    if (view.up[n] != ViewRows{}) texts.push_back("view " + node + " -> GCS: " + rows_text(config, view.up[n]));
    if (view.down[n] != ViewRows{}) texts.push_back("view GCS -> " + node + ": " + rows_text(config, view.down[n]));
  }
}

}  // namespace raymc
