#include "report/saved_results.hpp"

#include <fstream>

namespace demo {
namespace {

constexpr const char* reading_the_table = R"(
Memory is resident memory in MiB, from the kernel: before the first connection,
at its peak (VmHWM), and 1 s and 15 s after the connections closed; 50 stay open,
and there is no further traffic. Figures are medians of the rounds, with the least
and the most in brackets. "To glibc" is the median, over the rounds, of the ratio to
glibc in the same round. CPU time and page faults are the program's. "Above use" is
what is resident after 1 s beyond what is truly in use: the larger of what was resident
before plus what the program itself says it holds, and what glibc leaves resident on the
same load once `malloc_trim(0)` has run in the program.
)";

constexpr const char* reading_the_verdicts = R"(
The goal, on every program:

- resident memory 1 s after the close at most 8% of what the load added at its peak,
  or 4 MiB if that is more, above what is truly in use;
- the peak at most 5%, or 4 MiB, above the smaller of glibc's and jemalloc's;
- throughput at least 0.98 of glibc's and of jemalloc's with its background thread;
- no other allocator better in throughput and in peak together.

Throughput is judged by pairs: in each round one allocator's divided by the other's,
the trials of a round following one another in an order that changes with the rounds.
The range given is the 95% interval of the median of the pairs by order statistics,
which asks nothing of how they are distributed: of ten pairs from the second least to
the second most (97.9%), of twenty from the sixth to the sixth (95.9%). Its lower end
must reach the ratio, over at least ten pairs; with fewer, throughput is not judged.
After the rounds under every allocator nothing else runs beside a trial. Another
allocator is better in throughput if the whole interval says so; of three pairs, if all
do.

)";

}  // namespace

void save_results(const std::filesystem::path& source_tree, const std::filesystem::path& pictures,
                  const std::vector<program>& programs, const machine& measured_on,
                  const std::string& markdown_table, const std::string& markdown_findings) {
  const std::filesystem::path folder = source_tree / "docs" / "results";
  std::filesystem::create_directories(folder);
  std::ofstream page(source_tree / "docs" / "results.md");
  page << "# Results\n\nReal programs, unmodified, under each allocator. Measured on "
       << measured_on.date << " by `./bench/demo --save`.\n"
       << reading_the_table << "\n"
       << markdown_table << "\n## Does connarena meet its goal?\n"
       << reading_the_verdicts << markdown_findings << "\n## Resident memory over time\n\n";
  for (const program& what : programs) {
    const std::string picture = what.name + ".svg";
    if (!std::filesystem::exists(pictures / picture)) continue;
    std::filesystem::copy_file(pictures / picture, folder / picture,
                               std::filesystem::copy_options::overwrite_existing);
    page << "![" << what.title << "](results/" << picture << ")\n\n";
  }
  page << "## The machine\n\n";
  for (const std::string& line : measured_on.lines) page << "- " << line << "\n";
}

}  // namespace demo
