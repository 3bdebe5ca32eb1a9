// From the scenes of a path to what happens between them: messages that are sent, received, held and lost, processes
// that start and end, and who begins to believe whom dead. Used by tell; knows no model.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "checker/core/scene.hpp"
#include "checker/report/trace_file.hpp"

namespace mc {

/// What one step is to the staging.
struct StageStep {
  bool fault = false;
  std::optional<std::size_t> lane;
  std::string handled;  ///< key of the packet that it handles, or empty
};

/// Follows messages and processes from scene to scene, and numbers the messages in the order in which they appear.
class Staging {
 public:
  /// Fills `start`: the packets of the first scene count as just sent.
  void begin(const Scene& scene, TraceStart& start);
  /// Fills the messages and processes of `told`. Cost: packets times packets.
  void advance(const Scene& scene, const StageStep& step, TraceStep& told);
  [[nodiscard]] const std::vector<TraceMessage>& messages() const { return messages_; }

 private:
  /// A packet of the present scene, with the message that it is now.
  struct Live {
    Packet packet;
    std::optional<std::size_t> message;  ///< none if it is on no wire: it waits at its sender
  };

  std::size_t new_message(const Packet& packet);
  [[nodiscard]] Live appear(const Packet& packet, bool known, std::vector<MessageMark>& marks);
  void move(Live& live, const Packet& packet, std::vector<MessageMark>& marks);
  void vanish(const Live& live, const Scene& scene, const StageStep& step, std::vector<MessageMark>& marks);
  void tell_error(Live& live, std::vector<MessageMark>& marks);

  std::vector<TraceMessage> messages_;
  std::vector<Live> live_;
  Scene scene_;
};

}  // namespace mc
