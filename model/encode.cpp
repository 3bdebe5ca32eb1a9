#include "model/encode.hpp"

#include <bit>
#include <span>

#include "model/layout.hpp"
#include "model/network.hpp"
#include "model/packed.hpp"

namespace raymc {
namespace {

/// How many things of each kind there are.
struct Counts {
  explicit Counts(const Config& config)
      : nodes(config.nodes()),
        owners(config.owners()),
        tasks(config.tasks()),
        workers(config.workers()),
        keys(config.keys()),
        room(config.room()),
        node_bits(bits_for(nodes)),
        owner_bits(bits_for(owners)),
        task_bits(bits_for(tasks)),
        worker_bits(bits_for(workers)) {}

  template <char P>
  [[nodiscard]] std::uint8_t of(Id<P> /*kind*/) const {
    if constexpr (P == 'n') return nodes;
    if constexpr (P == 'w') return workers;
    if constexpr (P == 't') return tasks;
    if constexpr (P == 'L') return room.leases;
    if constexpr (P == 'o') return owners;
    if constexpr (P == 'v') return room.objects();
  }
  /// Bits that hold every id of the kind, or none.
  template <char P>
  [[nodiscard]] unsigned width(Id<P> /*kind*/) const {
    if constexpr (P == 'n') return node_bits;
    if constexpr (P == 'w') return worker_bits;
    if constexpr (P == 't') return task_bits;
    if constexpr (P == 'L') return room.lease_bits;
    if constexpr (P == 'o') return owner_bits;
    if constexpr (P == 'v') return room.object_bits;
  }
  /// Objects are numbered closely: first the room for tasks, then that for keys.
  [[nodiscard]] std::uint8_t packed(ObjectId object) const {
    return is_put(object) ? static_cast<std::uint8_t>(object.value - kTasksMax + room.tasks) : object.value;
  }
  [[nodiscard]] ObjectId unpacked(std::uint8_t number) const {
    return {number < room.tasks ? number : static_cast<std::uint8_t>(number - room.tasks + kTasksMax)};
  }
  /// A key is always there.
  [[nodiscard]] unsigned key_bits() const { return keys > 1 ? bits_for(static_cast<std::uint8_t>(keys - 1)) : 0; }
  [[nodiscard]] static constexpr std::uint8_t bits_for(std::uint8_t count) {
    return static_cast<std::uint8_t>(std::bit_width(count));
  }

  std::uint8_t nodes;
  std::uint8_t owners;
  std::uint8_t tasks;
  std::uint8_t workers;
  std::uint8_t keys;
  const Room& room;
  std::uint8_t node_bits;  // that hold every id of the kind, or none
  std::uint8_t owner_bits;
  std::uint8_t task_bits;
  std::uint8_t worker_bits;
};

/// What writing and reading have in common: arrays by id. `At` says which element stands at a place.
template <class Each, class Array, class At>
void for_places(Array& array, std::uint8_t count, At at, const Each& each) {
  for (std::uint8_t place = 0; place < count; ++place) each(array[at(place)]);
}

/// Writes a state, or with `kRenames` what becomes of it when its things are renamed.
template <bool kRenames>
class Writer {
 public:
  Writer(const Config& config, const Renaming* renaming, Packed& out)
      : config_(config), counts_(config), names_(renaming), out_(out) {}

  void finish() { out_.finish(); }
  void seam() { out_.seam(); }

  template <class T>
  void field(const T& value, unsigned width) {
    out_.bits(static_cast<std::uint32_t>(value), width);
  }
  template <char P>
  void field(const Id<P>& value, unsigned width) {
    out_.bits(named(value).value, width);
  }
  template <char P>
  void id(const Id<P>& value) {
    out_.bits(value.exists() ? number(named(value)) : counts_.of(value), counts_.width(value));
  }
  void key(const KeyId& value) { out_.bits(value.value, counts_.key_bits()); }
  /// A number from -2^(width-1) to 2^(width-1) - 1.
  void signed_field(const std::int8_t& value, unsigned width) {
    out_.bits(static_cast<std::uint32_t>(value + (1 << (width - 1))), width);
  }
  void flag(const bool& value) { out_.bits(value ? 1U : 0U, 1); }
  template <class List, class Each>
  void list(const List& items, unsigned width, const Each& each) {
    out_.bits(static_cast<std::uint32_t>(items.size()), width);
    for (const auto& item : items) {
      seam();
      each(item);
    }
    seam();
  }
  template <class Each>
  void calls(const Calls& items, const Each& each) {
    const unsigned width = counts_.room.call_bits;
    if (!renames()) return list(items, width, each);
    Calls renamed;
    for (const Call& call : items) renamed.push_back(names_->of(call));
    sort_calls(config_, renamed);
    const Renaming* const names = names_;
    names_ = nullptr;  // they have their new names already
    list(renamed, width, each);
    names_ = names;
  }

  void nodes(const std::uint8_t& set) { out_.bits(renames() ? names_->node_set[set] : set, counts_.nodes); }
  void tasks(const std::uint8_t& set) { out_.bits(set, counts_.tasks); }
  void objects(const ObjectSet& set) {
    out_.bits(set & ((1U << kTasksMax) - 1U), counts_.room.tasks);
    out_.bits(static_cast<unsigned>(set >> kTasksMax), counts_.room.keys);
  }
  void owners(const std::uint8_t& set) { out_.bits(set, counts_.owners); }
  void keys(const std::uint8_t& set) { out_.bits(set, counts_.room.keys); }
  void leases(const std::uint16_t& set) { out_.bits(set, counts_.room.leases); }
  void subscribers(const std::uint8_t& set) {
    nodes(static_cast<std::uint8_t>(set & (bit(kNodesMax) - 1U)));
    owners(static_cast<std::uint8_t>(set >> kNodesMax));
  }

  template <class Array, class Each>
  void by_node(const Array& array, const Each& each) {
    for_places(
        array, counts_.nodes, [&](std::uint8_t i) { return renames() ? names_->node_at[i] : i; }, sewn(each));
  }
  template <class Array, class Each>
  void by_worker(const Array& array, const Each& each) {
    for_places(
        array, counts_.workers, [&](std::uint8_t i) { return renames() ? names_->worker_at[i] : i; }, sewn(each));
  }
  template <class Array, class Each>
  void by_task(const Array& array, const Each& each) {
    for_places(
        array, counts_.tasks, [](std::uint8_t i) { return i; }, sewn(each));
  }
  template <class Array, class Each>
  void by_object(const Array& array, const Each& each) {
    for (std::uint8_t v = 0; config_.objects() && v < kObjectsMax; ++v) {
      if (config_.has_object(ObjectId{v})) sewn(each)(array[v]);
    }
  }
  template <class Array, class Each>
  void by_owner(const Array& array, const Each& each) {
    for_places(
        array, counts_.owners, [](std::uint8_t i) { return i; }, sewn(each));
  }
  template <class Array, class Each>
  void by_key(const Array& array, const Each& each) {
    for_places(
        array, counts_.keys, [](std::uint8_t i) { return i; }, sewn(each));
  }
  template <class Array, class Each>
  void by_subscriber(const Array& array, const Each& each) {
    by_node(array, each);
    for (std::uint8_t o = 0; o < counts_.owners; ++o) sewn(each)(array[subscriber(OwnerId{o})]);
  }

 private:
  template <class Each>
  auto sewn(const Each& each) {
    return [this, &each](const auto& element) {
      each(element);
      seam();
    };
  }
  [[nodiscard]] bool renames() const { return kRenames && names_ != nullptr; }
  template <char P>
  [[nodiscard]] std::uint8_t number(Id<P> id) const {
    if constexpr (P == 'v') return counts_.packed(id);
    return id.value;
  }
  template <char P>
  [[nodiscard]] Id<P> named(Id<P> id) const {
    return renames() ? names_->of(id) : id;
  }

  const Config& config_;
  Counts counts_;
  const Renaming* names_;
  PackedWriter out_;
};

class Reader {
 public:
  Reader(const Config& config, std::span<const std::byte> in) : config_(config), counts_(config), in_(in) {}

  [[nodiscard]] std::size_t consumed() const { return in_.consumed(); }
  void seam() {}

  template <class T>
  void field(T& value, unsigned width) {
    value = static_cast<T>(in_.bits(width));
  }
  template <char P>
  void field(Id<P>& value, unsigned width) {
    value.value = static_cast<std::uint8_t>(in_.bits(width));
  }
  template <char P>
  void id(Id<P>& value) {
    const auto read = static_cast<std::uint8_t>(in_.bits(counts_.width(value)));
    value = read == counts_.of(value) ? Id<P>::none() : Id<P>{read};
    if constexpr (P == 'v') value = read == counts_.of(value) ? value : counts_.unpacked(read);
  }
  void key(KeyId& value) { value.value = static_cast<std::uint8_t>(in_.bits(counts_.key_bits())); }
  void signed_field(std::int8_t& value, unsigned width) {
    value = static_cast<std::int8_t>(static_cast<int>(in_.bits(width)) - (1 << (width - 1)));
  }
  void flag(bool& value) { value = in_.bits(1) != 0; }
  template <class List, class Each>
  void list(List& items, unsigned width, const Each& each) {
    items.resize(in_.bits(width));
    for (auto& item : items) each(item);
  }
  template <class Each>
  void calls(Calls& items, const Each& each) {
    list(items, counts_.room.call_bits, each);
  }

  void nodes(std::uint8_t& set) { set = static_cast<std::uint8_t>(in_.bits(counts_.nodes)); }
  void tasks(std::uint8_t& set) { set = static_cast<std::uint8_t>(in_.bits(counts_.tasks)); }
  void objects(ObjectSet& set) {
    const std::uint32_t values = in_.bits(counts_.room.tasks);
    set = static_cast<ObjectSet>(values | (in_.bits(counts_.room.keys) << kTasksMax));
  }
  void owners(std::uint8_t& set) { set = static_cast<std::uint8_t>(in_.bits(counts_.owners)); }
  void keys(std::uint8_t& set) { set = static_cast<std::uint8_t>(in_.bits(counts_.room.keys)); }
  void leases(std::uint16_t& set) { set = static_cast<std::uint16_t>(in_.bits(counts_.room.leases)); }
  void subscribers(std::uint8_t& set) {
    const std::uint32_t raylets = in_.bits(counts_.nodes);
    set = static_cast<std::uint8_t>(raylets | (in_.bits(counts_.owners) << kNodesMax));
  }

  template <class Array, class Each>
  void by_node(Array& array, const Each& each) {
    by_number(array, counts_.nodes, each);
  }
  template <class Array, class Each>
  void by_worker(Array& array, const Each& each) {
    by_number(array, counts_.workers, each);
  }
  template <class Array, class Each>
  void by_task(Array& array, const Each& each) {
    by_number(array, counts_.tasks, each);
  }
  template <class Array, class Each>
  void by_object(Array& array, const Each& each) {
    for (std::uint8_t v = 0; config_.objects() && v < kObjectsMax; ++v) {
      if (config_.has_object(ObjectId{v})) each(array[v]);
    }
  }
  template <class Array, class Each>
  void by_owner(Array& array, const Each& each) {
    by_number(array, counts_.owners, each);
  }
  template <class Array, class Each>
  void by_key(Array& array, const Each& each) {
    by_number(array, counts_.keys, each);
  }
  template <class Array, class Each>
  void by_subscriber(Array& array, const Each& each) {
    by_node(array, each);
    for (std::uint8_t o = 0; o < counts_.owners; ++o) each(array[subscriber(OwnerId{o})]);
  }

 private:
  template <class Array, class Each>
  static void by_number(Array& array, std::uint8_t count, const Each& each) {
    for_places(
        array, count, [](std::uint8_t i) { return i; }, each);
  }

  const Config& config_;
  Counts counts_;
  PackedReader in_;
};

/// What `initial_states` leaves at rest and no row touches: ids beyond the shape.
State beyond_the_shape(const Config& config) {
  static const State kAtRest;
  State s = kAtRest;
  for (std::uint8_t n = config.nodes(); n < kNodesMax; ++n) s.raylets[n].alive = false;
  for (std::uint8_t o = config.owners(); o < kOwnersMax; ++o) s.owners[o].alive = false;
  return s;
}

}  // namespace

// Flattened, so that what is read or written next stays in a register from field to field.
[[gnu::flatten]] void encode(const Config& config, const State& s, Packed& out) {
  Writer<false> writer(config, nullptr, out);
  layout::state(config, writer, s);
  writer.finish();
}

[[gnu::flatten]] void encode_renamed(const Config& config, const State& s, const Renaming& renaming, Packed& out) {
  Writer<true> writer(config, &renaming, out);
  layout::state(config, writer, s);
  writer.finish();
}

void encode(const Config& config, const State& s, mc::ByteSink& out) {
  Packed packed;
  encode(config, s, packed);
  out.append(packed.view());
}

[[gnu::flatten]] State decode(const Config& config, mc::ByteSource& in) {
  State s = beyond_the_shape(config);
  Reader reader(config, in.unread());
  layout::state(config, reader, s);
  in.skip(reader.consumed());
  return s;
}

}  // namespace raymc
