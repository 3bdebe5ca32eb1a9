#include "checker/cli/witnessed.hpp"

namespace mc {

void Witnessed::settle() {
  for (const std::string& rule : read) message.erase(rule);
  for (const std::set<std::string>* seen : {&read, &message}) {
    for (const std::string& rule : *seen) silent.erase(rule);
  }
}

Witnessed joined(const std::vector<Witnessed>& pieces) {
  Witnessed whole;
  for (const Witnessed& piece : pieces) {
    whole.read.insert(piece.read.begin(), piece.read.end());
    whole.message.insert(piece.message.begin(), piece.message.end());
    whole.silent.insert(piece.silent.begin(), piece.silent.end());
  }
  whole.settle();
  return whole;
}

std::string witness_table(const std::string& program, const std::vector<CatalogueEntry>& catalogue,
                          const std::vector<Witnessed>& sessions) {
  std::string text = "# written by: " + program + " conform RECORDS --out DIR; " + std::to_string(sessions.size()) +
                     " sessions\nrule\tread\tmessage\tsilent\n";
  for (const CatalogueEntry& entry : catalogue) {
    if (entry.kind != EntryKind::kTransition) continue;
    std::size_t read = 0;
    std::size_t message = 0;
    std::size_t silent = 0;
    for (const Witnessed& one : sessions) {
      read += one.read.count(entry.id);
      message += one.message.count(entry.id);
      silent += one.silent.count(entry.id);
    }
    text +=
        entry.id + "\t" + std::to_string(read) + "\t" + std::to_string(message) + "\t" + std::to_string(silent) + "\n";
  }
  return text;
}

}  // namespace mc
