// charge.hpp - what an arena with a limit is charged, and what that lets it take.
//
// Such an arena reserves before it takes, and gives up after it gave back. So it is charged
// no more than its limit, whatever its threads do, but where that was lowered; and where
// none is inside it is charged what it holds: sum_of_footprint. An arena without a limit is
// charged nothing, and pays nothing for it. Once charged it stays so until it ends, under a
// limit that it cannot reach.
//
// A soft limit refuses nothing: who passes it leaves a notice in the word of the charge, and
// who comes out of the arena and its locks next has it delivered, see limits.hpp. It is
// passed again only after the charge was down to it.
//
// Threads: any may ask. Whoever reserves or gives up is inside a lane of the arena or has
// its runs_lock: the arena cannot end meanwhile.
#pragma once

#include <algorithm>
#include <cstdint>

#include "arena/lane/lane.hpp"

namespace connarena {

/// Of `lane::limit_quarters`: not charged at all, and charged under no limit.
inline constexpr std::uint32_t no_limit = UINT32_MAX;
inline constexpr std::uint32_t most_limit = no_limit - 1;

[[nodiscard]] constexpr std::uint64_t bytes_of_quarters(std::uint32_t quarters) noexcept {
  return std::uint64_t{quarters} << quarter_shift;
}

/// Two lanes and two first blocks count as well.
inline constexpr std::uint64_t beside_bytes = 4 * slot_bytes;
/// What a limit leaves for spans and runs.
[[nodiscard]] constexpr std::uint64_t beside_metadata(std::uint64_t limit_bytes) noexcept {
  return limit_bytes - std::min<std::uint64_t>(limit_bytes, beside_bytes);
}
/// SIZE_MAX: no limit.
[[nodiscard]] constexpr std::uint32_t limit_in_quarters(std::size_t limit_bytes) noexcept {
  if (limit_bytes == SIZE_MAX) return no_limit;
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(beside_metadata(limit_bytes) >> quarter_shift, most_limit));
}

/// The word of an arena's charge: bytes, and these above them.
namespace charge_flag {
inline constexpr std::uint64_t has_soft = std::uint64_t{1} << 63;    ///< limit
inline constexpr std::uint64_t above_soft = std::uint64_t{1} << 62;  ///< since it was passed
inline constexpr std::uint64_t notice = std::uint64_t{1} << 61;      ///< of that, to be delivered
inline constexpr std::uint64_t watched = std::uint64_t{1} << 60;     ///< see watch.hpp
inline constexpr std::uint64_t exempt = std::uint64_t{1} << 59;
inline constexpr std::uint64_t excused = std::uint64_t{1} << 58;
inline constexpr std::uint64_t over = std::uint64_t{1} << 57;  ///< a notice: of those limits
inline constexpr std::uint64_t notices = notice | over;
inline constexpr std::uint64_t all = has_soft | above_soft | notices | watched | exempt | excused;
}  // namespace charge_flag

[[nodiscard]] inline bool has_limit(const lane& in) noexcept {
  return in.limit_quarters != no_limit;
}

[[nodiscard]] constexpr std::uint64_t charged_in(std::uint64_t word) noexcept {
  return word & ~charge_flag::all;
}
/// Pre: has_limit.
[[nodiscard]] inline std::uint64_t charged_bytes(const lane& first) noexcept {
  return charged_in(first.charge.load(std::memory_order_relaxed));
}
/// Pre: has_limit.
[[nodiscard]] inline bool is_watched(const lane& first) noexcept {
  return (first.charge.load(std::memory_order_relaxed) & charge_flag::watched) != 0;
}

/// The limit of the arena that a lane is of.
[[nodiscard]] std::uint64_t limit_bytes(const lane& in) noexcept;

namespace detail {
/// False, with nothing done, if that is above the limit.
[[nodiscard]] bool charge(lane& first, std::uint64_t bytes) noexcept;
void discharge(lane& first, std::uint64_t bytes) noexcept;
}  // namespace detail

/// Charges an arena for what it holds already, above its limit too.
void charge_in_any_case(lane& first, std::uint64_t bytes) noexcept;

/// Charges an arena for what it is about to take. False, with nothing done, if that is
/// above its limit.
[[nodiscard]] inline bool reserve(const lane& in, std::uint64_t bytes) noexcept {
  return !has_limit(in) || detail::charge(lane_at(in.first_lane), bytes);
}

/// Charges it no more for what it has given back, or did not get.
inline void give_up(const lane& in, std::uint64_t bytes) noexcept {
  if (has_limit(in)) [[unlikely]]
    detail::discharge(lane_at(in.first_lane), bytes);
}

/// Whether so much could be reserved now.
[[nodiscard]] bool is_within_limit(const lane& in, std::uint64_t bytes) noexcept;

/// Charges a lane for granules of a page that survivors of others lie in. False, with
/// nothing done, if that is above the limit.
[[nodiscard]] inline bool reserve_of_others(lane& in, std::uint32_t granules) noexcept {
  if (!reserve(in, std::uint64_t{granules} << granule_shift)) return false;
  add_to(in.others_granules, -granules);
  return true;
}

/// Charges an arena what it holds, from here on, whatever its limit. Pre: it is not charged
/// yet, and the caller is inside its lanes and has its runs_lock.
void begin_charge(lane& first, std::uint64_t held_bytes) noexcept;
/// The arena ends; what it left to others is not its own. Pre: nobody reserves any more.
void end_charge(lane& first) noexcept;
/// Sets the charge to what the arena holds: in a forked child, whose total was set to 0.
void correct_charge(lane& first, std::uint64_t held_bytes) noexcept;
/// A charged arena is watched from here on: `exempt`, or like all. Pre: nobody changes what
/// it holds.
void begin_watch(lane& first, std::uint64_t flags) noexcept;
/// It counts no more. Threads: any, who know that it has not ended.
void excuse(lane& first) noexcept;
/// A charged arena has a soft limit from here on. Where that is passed already, a notice is
/// left at once. False when no memory is left.
[[nodiscard]] bool begin_soft_limit(lane& first, std::uint64_t bytes) noexcept;
void end_soft_limit(lane& first) noexcept;
/// The flags of those that are left; 0, too, where somebody else has them.
[[nodiscard]] std::uint64_t take_notices(lane& first) noexcept;
/// Calls back. errno stays. Defined by arena/limits.cpp, which knows whom.
void deliver_notice(lane& first, connarena_t handle) noexcept;
/// Calls back if a notice is left. Pre: has_limit, and the caller is outside of every lane
/// and lock.
inline void notify(lane& first, connarena_t handle) noexcept {
  if ((first.charge.load(std::memory_order_relaxed) & charge_flag::notices) != 0) [[unlikely]]
    deliver_notice(first, handle);
}

}  // namespace connarena
