"""What expressions, requests and checks cost a generator thread per step, and their memory."""
import os
import subprocess
import sys


def main():
    bench = os.path.join(sys.argv[1], "tests/bench")
    failed = [name for name in ("expr/expr_bench", "user/step_bench")
              if subprocess.run([os.path.join(bench, name)], check=False).returncode != 0]
    sys.exit(f"memory grew, or a step failed: {failed}" if failed else 0)


if __name__ == "__main__":
    main()
