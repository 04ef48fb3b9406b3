const interval = 1000; // milliseconds

/** Calls `onGone` when the program that started this process has ended. */
export function watchParent(onGone: () => void): void {
  const parent = process.ppid;
  if (parent <= 1) return; // started without a parent worth watching
  const gone = () => {
    if (process.ppid !== parent) return true;
    try {
      process.kill(parent, 0);
      return false;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "ESRCH";
    }
  };
  setInterval(() => gone() && onGone(), interval);
}
