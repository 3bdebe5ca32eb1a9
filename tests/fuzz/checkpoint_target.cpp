// Checkpoints: the body of a manifest, a zero byte, and the levels of one segment. The checksums are made right, so
// that what lies behind them is reached; what is accepted is gone on with in the toy's model.
#include <cstdlib>
#include <filesystem>

#include "checker/engine/search.hpp"
#include "checker/report/checkpoint.hpp"
#include "checker/report/files.hpp"
#include "checker/report/packed.hpp"
#include "tests/cli/toy.hpp"
#include "tests/fuzz/scratch.hpp"
#include "tests/fuzz/target.hpp"

namespace {

const std::filesystem::path& folder() {
  static const mc::fuzz::ScratchFolder kFolder;
  return kFolder.path();
}

std::string hexadecimal(std::string_view text) {
  std::string digits(16, '0');
  mc::Fingerprint sum = mc::fingerprint(std::as_bytes(std::span(text)));
  for (std::size_t i = 16; i-- > 0; sum >>= 4U) digits[i] = "0123456789abcdef"[sum & 0xfU];
  return digits;
}

void write(const char* name, std::string_view text) {
  // Not write_file: what a disk keeps is of no interest here, and flushing would cost most of the time.
  std::FILE* const file = std::fopen((folder() / name).c_str(), "wb");
  if (file == nullptr) return;
  std::fwrite(text.data(), 1, text.size(), file);
  std::fclose(file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string whole = mc::fuzz::text_of(data, size);
  const std::size_t zero = std::min(whole.find('\0'), whole.size());
  std::string body = whole.substr(0, zero);
  const std::string levels = zero < whole.size() ? whole.substr(zero + 1) : "";
  const std::string segment = mc::compress({reinterpret_cast<const std::uint8_t*>(levels.data()), levels.size()});
  const auto replace = [&](std::string_view token, const std::string& value) {
    const std::size_t at = body.find(token);
    if (at != std::string::npos) body.replace(at, token.size(), value);
  };
  replace("SEGMENT_CHECKSUM", hexadecimal(segment));
  replace("\"SEGMENT_BYTES\"", std::to_string(levels.size()));
  write("segment-000000.zst", segment);
  write("manifest", "raymc.checkpoint 1 " + hexadecimal(body) + "\n" + body);
  mc::Checkpoint checkpoint(folder(), {}, std::chrono::hours(1), [](const std::string&) {});
  const mc::Result<mc::SavedSearch> saved = checkpoint.load();
  if (!saved.ok()) return 0;
  const mc::Result<mc::Instance<toy::Lock>> instance =
      toy::Project{}.parse("cells 12\ncrashes 2\ncheck M1.exclusive\ncheck M3.is_taken\n", "toy", {});
  mc::Options options;
  options.threads = 1;
  options.limits.states_max = 500;
  options.resume = &saved.value();
  static_cast<void>(mc::search(instance.value().model, instance.value().properties, options));
  return 0;
}
