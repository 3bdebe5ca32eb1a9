// The folder that a command writes its files into: that of --out.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "checker/cli/command_line.hpp"
#include "checker/cli/console.hpp"
#include "checker/report/owned_folder.hpp"

namespace mc {

/// The names of the files that a command may write under --out about scenarios with these stems.
[[nodiscard]] std::vector<std::string> files_written(Command command, const std::vector<std::string>& stems);

/// Belongs to one command. What goes wrong is said as it happens.
class OutFolder {
 public:
  OutFolder(const CommandLine& line, Console& console);

  /// With --out: makes the folder and sees that all these files can be written, before anything is searched. False if
  /// not.
  [[nodiscard]] bool prepare(const std::vector<std::string>& names);
  /// Under --out: writes one file, or leaves everything as it was and gives false.
  bool write(const std::string& name, const std::string& text);

  /// True under --out. Without it, nothing is written.
  [[nodiscard]] bool asked() const { return asked_; }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

 private:
  [[nodiscard]] bool open();
  bool said(const std::optional<std::string>& failure);

  Console& console_;
  OwnedFolder folder_;
  bool asked_;
  bool open_ = false;
};

}  // namespace mc
