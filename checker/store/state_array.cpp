#include "checker/store/state_array.hpp"

namespace mc {
namespace {

// Less is not worth giving back to the system.
constexpr std::uint64_t kKeepBytes = std::uint64_t{1} << 20U;

}  // namespace

std::uint64_t StateArray::extra_bytes(std::uint64_t count, const EncodingLengths& lengths) const {
  if (count == 0) return 0;
  if (width_ == kVarying) return lengths.bytes + count * kStartBytes;
  return lengths.bytes + (fits_width(lengths) ? 0 : (size_ + count) * kStartBytes);
}

void StateArray::extend(std::uint64_t count, const EncodingLengths& lengths) {
  if (count == 0) return;
  if (width_ != kVarying && !fits_width(lengths)) vary();
  if (width_ != kVarying) width_ = lengths.least;
  data_.announce(bytes_ + lengths.bytes);
  if (cleared_bytes_ > lengths.bytes + kKeepBytes) {
    data_.release(lengths.bytes, cleared_bytes_);
    cleared_bytes_ = 0;
  }
  size_ += count;
  bytes_ += lengths.bytes;
  if (width_ != kVarying) return;
  starts_.announce((size_ + 1) * kStartBytes);
  bases_.resize(size_ / kStatesPerBase + 1);
  set_start(size_, bytes_);  // the end; the next encoding will start there
}

void StateArray::vary() {
  starts_.announce((size_ + 1) * kStartBytes);
  bases_.resize(size_ / kStatesPerBase + 1);
  const std::uint32_t width = width_;
  width_ = kVarying;
  for (std::uint64_t i = 0; i <= size_; ++i) set_start(i, i * width);
}

void StateArray::release() {
  data_.release(0, bytes_);
  if (width_ == kVarying) starts_.release(0, (size_ + 1) * kStartBytes);
  clear();
}

void StateArray::clear() {
  cleared_bytes_ = std::max(cleared_bytes_, bytes_);
  size_ = 0;
  bytes_ = 0;
  width_ = 0;
}

}  // namespace mc
