// A folder that raymc writes into, and the list of what it wrote there. It lies in the folder as a file of its own, the
// mark; what is not on it belongs to somebody else and is neither replaced nor removed. Checkpoints and everything
// under --out are written through here, and nothing else in raymc removes a file.
//
// .raymc   "raymc.folder 1", and below it +"NAME" for each file before it is written and -"NAME" when it is gone; the
//          last line about a name counts. Only ever appended to, so that several processes may write into one folder.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace mc {

/// Belongs to one thread. Names are relative to the folder; one may lie in a folder below it ("answers/one.json").
class OwnedFolder {
 public:
  enum class Kind {
    kShared,    ///< may hold files of others, beside which ours are put
    kExclusive  ///< without a mark it must hold no file, and it may not be a symbolic link
  };
  explicit OwnedFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// What stands in the way of opening it; looks, and changes nothing.
  [[nodiscard]] std::optional<std::string> obstacle(Kind kind) const;
  /// Makes the folder and its mark if needed, and tries whether it can be written. Gives what is wrong, if anything.
  [[nodiscard]] std::optional<std::string> open(Kind kind);
  /// Opens the folder if it has a mark; false if it has none.
  [[nodiscard]] bool open_marked();

  [[nodiscard]] const std::filesystem::path& path() const { return folder_; }
  /// Why this name may not be written: what is there is not ours, or no regular file. May be asked before it is open.
  [[nodiscard]] std::optional<std::string> blocked(const std::string& name);
  /// Puts the name on the list, unless it is blocked. Requires an open folder, as all that follows.
  [[nodiscard]] std::optional<std::string> claim(const std::string& name);
  /// Writes a file as `replace_file` does, unless its name is blocked. Gives what went wrong, if anything.
  [[nodiscard]] std::optional<std::string> write(const std::string& name, std::string_view text);
  /// Removes the files on the list for which `which` is true, and temporary files that a killed process left of them.
  void remove(const std::function<bool(const std::string& name)>& which);
  /// Removes temporary files that a killed process left, and nothing else.
  void remove_temporaries();
  /// Removes all that is on the list and the mark; the folder, too, if raymc made it and nothing else is in it.
  void remove_all();

 private:
  [[nodiscard]] std::optional<std::string> make_mark();
  [[nodiscard]] std::optional<std::string> read_mark();
  [[nodiscard]] std::optional<std::string> add_lines(const std::string& lines);
  [[nodiscard]] std::string refusal(const std::string& name, const std::string& why) const;
  void parse(std::string_view text);

  std::filesystem::path folder_;
  std::set<std::string> ours_;
  bool made_ = false;  ///< by raymc
  bool torn_ = false;  ///< the mark's last line is half a line
};

}  // namespace mc
