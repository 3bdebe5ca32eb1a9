#include "checker/report/checkpoint.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <span>
#include <thread>
#include <utility>

#include "checker/report/files.hpp"
#include "checker/report/json_number.hpp"
#include "checker/report/json_text.hpp"
#include "checker/report/lock_file.hpp"
#include "checker/report/packed.hpp"
#include "checker/report/verdict_json.hpp"

namespace mc {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kManifest = "manifest";
constexpr std::string_view kAnswer = "answer.json";
constexpr std::string_view kLock = "lock";
constexpr std::string_view kManifestMagic = "raymc.checkpoint ";
constexpr std::string_view kAnswerMagic = "raymc.answer ";
constexpr std::string_view kVersion = "1";
constexpr std::size_t kManifestBytesMax = std::size_t{256} << 20U;
constexpr std::size_t kSegmentBytesMax = std::size_t{1} << 40U;

Fingerprint checksum(std::string_view text) {
  return fingerprint(std::as_bytes(std::span(text)));
}

std::string hexadecimal(Fingerprint value) {
  return fmt::format("{:016x}", value);
}

/// A file's text: what it is, of which version, a checksum, and below that the body.
std::string sealed(std::string_view magic, const std::string& body) {
  return std::string(magic) + std::string(kVersion) + " " + hexadecimal(checksum(body)) + "\n" + body;
}

/// Takes the first line off and leaves the body; gives what is wrong with it.
std::optional<std::string> unseal(std::string_view magic, const std::string& what, std::string& text) {
  const std::size_t end = text.find('\n');
  if (!text.starts_with(magic) || end == std::string::npos) return "is no " + what;
  const std::string head = text.substr(magic.size(), end - magic.size());
  text.erase(0, end + 1);
  const std::string version = head.substr(0, head.find(' '));
  if (version != kVersion)
    return "has version " + version + ", and this program reads version " + std::string(kVersion);
  if (head != version + " " + hexadecimal(checksum(text))) return "is corrupt: its checksum is wrong";
  return std::nullopt;
}

void put(std::vector<std::uint8_t>& bytes, std::uint64_t value) {
  for (unsigned shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

/// Reads the next number; false at the end.
bool take(std::span<const std::uint8_t>& bytes, std::uint64_t& value) {
  if (bytes.size() < 8) return false;
  value = 0;
  for (unsigned i = 0; i < 8; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  bytes = bytes.subspan(8);
  return true;
}

std::vector<std::uint8_t> segment_bytes(const std::vector<SavedLevel>& levels) {
  std::vector<std::uint8_t> bytes;
  for (const SavedLevel& level : levels) {
    put(bytes, level.states);
    put(bytes, level.links.size());
    bytes.insert(bytes.end(), level.links.begin(), level.links.end());
  }
  return bytes;
}

/// Appends the levels of a segment; false if they are not what is announced.
bool read_levels(std::span<const std::uint8_t> bytes, std::size_t count, std::vector<SavedLevel>& levels) {
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t states = 0;
    std::uint64_t length = 0;
    if (!take(bytes, states) || !take(bytes, length) || length > bytes.size()) return false;
    const auto links = bytes.first(static_cast<std::size_t>(length));
    levels.push_back({states, {links.begin(), links.end()}});
    bytes = bytes.subspan(static_cast<std::size_t>(length));
  }
  return bytes.empty();
}

/// True for "segment-000017.zst".
bool is_segment(std::string_view name) {
  constexpr std::string_view kHead = "segment-";
  constexpr std::string_view kTail = ".zst";
  if (!name.starts_with(kHead) || !name.ends_with(kTail) || name.size() < kHead.size() + kTail.size() + 6) return false;
  const std::string_view digits = name.substr(kHead.size(), name.size() - kHead.size() - kTail.size());
  return std::all_of(digits.begin(), digits.end(), [](char digit) { return digit >= '0' && digit <= '9'; });
}

}  // namespace

Checkpoint::Checkpoint(fs::path folder, Identity identity, std::chrono::milliseconds interval,
                       std::function<void(const std::string&)> say)
    : folder_(std::move(folder)),
      files_(folder_),
      identity_(std::move(identity)),
      interval_(interval),
      say_(std::move(say)) {}

Checkpoint::~Checkpoint() {
  if (lock_ >= 0) ::close(lock_);
}

std::optional<std::string> Checkpoint::obstacle(const fs::path& folder) {
  return OwnedFolder(folder).obstacle(OwnedFolder::Kind::kExclusive);
}

void Checkpoint::forget(const fs::path& folder) {
  OwnedFolder files(folder);
  if (!files.open_marked() || files.claim(std::string(kLock))) return;
  LockFile lock(folder / kLock);
  if (lock.try_take() == LockFile::Taken::kYes) files.remove_all();
}

InputError Checkpoint::corrupt(const std::string& file, const std::string& why) const {
  InputError error;
  error.file = (folder_ / file).string();
  error.message = why;
  return error;
}

std::optional<Checkpoint::Refusal> Checkpoint::open(const std::atomic<bool>* cancel, const Notice& notice) {
  using Kind = Refusal::Kind;
  const auto unwritable = [](std::optional<std::string> wrong) {
    return Refusal{Kind::kUnwritable, std::move(*wrong)};
  };
  if (auto wrong = files_.open(OwnedFolder::Kind::kExclusive)) return unwritable(std::move(wrong));
  if (auto refused = lock(cancel, notice)) return refused;
  for (const std::string_view name : {kManifest, kAnswer}) {
    if (auto wrong = files_.blocked(std::string(name))) return unwritable(std::move(wrong));
  }
  files_.remove_temporaries();
  if (has_answer()) remove_checkpoint();
  return std::nullopt;
}

std::optional<Checkpoint::Refusal> Checkpoint::lock(const std::atomic<bool>* cancel, const Notice& notice) {
  constexpr std::chrono::milliseconds kTick{5};
  constexpr std::chrono::milliseconds kPatience{500};  // a killed process is gone by then, as a rule
  using Kind = Refusal::Kind;
  const fs::path path = folder_ / kLock;
  const Clock::time_point begin = Clock::now();
  bool told = false;
  while (true) {
    // Whoever held it may have removed the folder with the lock.
    if (auto wrong = files_.claim(std::string(kLock))) return Refusal{Kind::kUnwritable, *wrong};
    LockFile file(path);
    const LockFile::Taken taken = file.try_take();
    if (taken == LockFile::Taken::kFailed)
      return Refusal{Kind::kUnwritable, "cannot write " + path.string() + ": " + file.failure()};
    if (taken == LockFile::Taken::kYes) {
      lock_ = file.release();
      return std::nullopt;
    }
    const Clock::duration waited = Clock::now() - begin;
    if (cancel != nullptr && cancel->load()) return Refusal{Kind::kInterrupted, "interrupted"};
    if (waited >= kLockWait) {
      return Refusal{Kind::kLocked, fmt::format("{}: {} works in this folder, and did not end within {} s",
                                                path.string(), file.holder(), kLockWait.count())};
    }
    if (waited >= kPatience && !std::exchange(told, true))
      notice(fmt::format("waits up to {} s for {}, which works in {}", kLockWait.count(), file.holder(),
                         folder_.string()));
    std::this_thread::sleep_for(kTick);
  }
}

bool Checkpoint::has_checkpoint() const {
  std::error_code failed;
  return fs::exists(folder_ / kManifest, failed);
}

bool Checkpoint::has_answer() const {
  std::error_code failed;
  return fs::exists(folder_ / kAnswer, failed);
}

Result<std::string> Checkpoint::answer() const {
  Result<std::string> text = read_file(folder_ / kAnswer, kManifestBytesMax);
  if (!text.ok()) return text;
  if (const auto wrong = unseal(kAnswerMagic, "answer of a search", text.value()))
    return corrupt(std::string(kAnswer), *wrong);
  return text;
}

bool Checkpoint::due() {
  return Clock::now() - last_ >= interval_;
}

void Checkpoint::save(const SavedSearch& search) noexcept {
  std::optional<std::string> failure;
  try {
    failure = try_save(search);
  } catch (const std::exception& thrown) {
    failure = thrown.what();
  }
  last_ = Clock::now();
  if (!failure) return;
  try {
    say_("no checkpoint: " + *failure + "; the search goes on");
  } catch (const std::exception&) {
    // Whoever cannot even be told is not helped by an end of the search.
  }
}

std::optional<std::string> Checkpoint::try_save(const SavedSearch& search) {
  std::vector<Segment> segments = segments_;
  if (!search.levels.empty()) {
    const std::vector<std::uint8_t> bytes = segment_bytes(search.levels);
    const std::string frame = compress(bytes);
    Segment segment{fmt::format("segment-{:06}.zst", segments.size()), search.levels.size(), bytes.size(),
                    checksum(frame)};
    if (std::optional<std::string> failure = files_.write(segment.file, frame)) return failure;
    segments.push_back(std::move(segment));
  }
  if (auto failure = files_.write(std::string(kManifest), manifest_text(search, segments))) return failure;
  segments_ = std::move(segments);
  levels_kept_ = search.first_level + search.levels.size();
  return std::nullopt;
}

std::string Checkpoint::manifest_text(const SavedSearch& search, const std::vector<Segment>& segments) const {
  Json json;
  json["identity"] = Json::array();
  for (const auto& [name, value] : identity_) json["identity"].push_back({name, value});
  json["ledger"] = to_json_value(search.ledger.verdict);
  json["first_states"] = Json::array();
  for (const auto& state : search.ledger.first_states)
    json["first_states"].push_back(state ? Json(*state) : Json(nullptr));
  json["digest"] = hexadecimal(search.digest);
  json["segments"] = Json::array();
  for (const Segment& segment : segments) {
    json["segments"].push_back({segment.file, segment.levels, segment.bytes, hexadecimal(segment.checksum)});
  }
  return sealed(kManifestMagic, json_text(json, 1) + "\n");
}

std::optional<InputError> Checkpoint::read_segment(const Segment& segment, SavedSearch& search) const {
  if (!is_segment(segment.file)) return corrupt(std::string(kManifest), "names a file that is no segment");
  std::error_code failed;
  const fs::file_type type = fs::symlink_status(folder_ / segment.file, failed).type();
  if (type != fs::file_type::regular && type != fs::file_type::not_found)
    return corrupt(segment.file, "is no regular file");
  const Result<std::string> frame = read_file(folder_ / segment.file, kSegmentBytesMax);
  if (!frame.ok()) return frame.error();
  if (checksum(frame.value()) != segment.checksum) return corrupt(segment.file, "is corrupt: its checksum is wrong");
  const auto bytes = decompress(frame.value(), segment.bytes);
  if (!bytes || !read_levels(*bytes, segment.levels, search.levels))
    return corrupt(segment.file, "is corrupt: it does not hold what the manifest says");
  return std::nullopt;
}

Result<SavedSearch> Checkpoint::load() try {
  const std::string name(kManifest);
  Result<std::string> text = read_file(folder_ / kManifest, kManifestBytesMax);
  if (!text.ok()) return text.error();
  if (const auto wrong = unseal(kManifestMagic, "manifest of a checkpoint", text.value())) return corrupt(name, *wrong);
  if (nests_too_deep(text.value())) return corrupt(name, "is no manifest of a checkpoint: it nests too deep");
  const Json json = Json::parse(text.value());
  if (const std::string other = difference(json.at("identity").get<Identity>(), identity_); !other.empty()) {
    InputError error = corrupt(name, "is of another search: " + other);
    error.hint = "remove the folder to begin again";
    return error;
  }
  SavedSearch search;
  search.ledger.verdict = verdict_of(json.at("ledger"));
  for (const Json& state : json.at("first_states")) {
    search.ledger.first_states.push_back(state.is_null() ? std::nullopt
                                                         : std::optional(whole_number<std::uint64_t>(state)));
  }
  const std::string digest = json.at("digest");
  if (!read_fingerprint(digest, search.digest)) return corrupt(name, "has a digest that is none");
  std::vector<Segment> segments;
  for (const Json& entry : json.at("segments")) {
    Segment segment;
    segment.file = entry.at(0);
    segment.levels = whole_number<decltype(segment.levels)>(entry.at(1));
    segment.bytes = whole_number<decltype(segment.bytes)>(entry.at(2));
    const std::string sum = entry.at(3);
    if (!read_fingerprint(sum, segment.checksum)) return corrupt(name, "has a checksum that is none");
    if (const std::optional<InputError> error = read_segment(segment, search)) return *error;
    segments.push_back(std::move(segment));
  }
  segments_ = std::move(segments);
  levels_kept_ = search.levels.size();
  return search;
} catch (const std::exception& thrown) {
  return corrupt(std::string(kManifest), std::string("is no manifest of a checkpoint: ") + thrown.what());
}

void Checkpoint::remove_checkpoint() {
  // The manifest goes first: segments without one are nothing, a manifest without segments would be corrupt.
  files_.remove([](const std::string& name) { return name == kManifest; });
  files_.remove([](const std::string& name) { return name != kAnswer && name != kLock; });
  segments_.clear();
  levels_kept_ = 0;
}

void Checkpoint::finish(const std::string& answer) {
  if (const std::optional<std::string> failure = files_.write(std::string(kAnswer), sealed(kAnswerMagic, answer))) {
    say_("the answer is not kept: " + *failure);
    return;
  }
  remove_checkpoint();
}

}  // namespace mc
