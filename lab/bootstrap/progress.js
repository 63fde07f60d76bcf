// Progress of long work, for people: what, how far, elapsed. Plain JavaScript for Node 18, since the bootstrap
// needs it before anything is installed; lab/progress.ts gives it to the TypeScript side.
"use strict";

const REDRAW_SECONDS = 1;

/** Seconds as people read them: 0:42, 12:05, 1:02:03. */
function formatElapsed(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0
    ? `${hours}:${pad(minutes)}:${pad(whole % 60)}`
    : `${minutes}:${pad(whole % 60)}`;
}

function createPrinter(stream) {
  const terminal = Boolean(stream.isTTY);
  return {
    terminal,
    /** The one line that is rewritten; cut to the width, since a wrapped line cannot be rewritten. */
    draw(text) {
      const width = (stream.columns || 80) - 1;
      stream.write(`\r\u001b[K${text.length > width ? `${text.slice(0, width - 1)}…` : text}`);
    },
    line(text) {
      stream.write(terminal ? `\r\u001b[K${text}\n` : `${text}\n`);
    },
  };
}

/**
 * Starts to report `what`. On a terminal one line is rewritten every second; elsewhere (a log) there is a line
 * at the start, one every `everySeconds`, and one at the end.
 */
function startProgress(what, options = {}) {
  const { stream = process.stderr, everySeconds = 15, now = () => Date.now() } = options;
  const printer = createPrinter(stream);
  const startedAt = now();
  let current = what;
  let ended = false;
  const text = () => `${current}, ${formatElapsed((now() - startedAt) / 1000)}`;
  const tick = () => (printer.terminal ? printer.draw(text()) : printer.line(text()));

  if (printer.terminal) tick();
  else printer.line(current);
  const timer = setInterval(tick, (printer.terminal ? REDRAW_SECONDS : everySeconds) * 1000);
  timer.unref();

  const end = (message) => {
    if (ended) return;
    ended = true;
    clearInterval(timer);
    printer.line(`${message}, ${formatElapsed((now() - startedAt) / 1000)}`);
  };
  return {
    update(next) {
      if (ended || next === current) return;
      current = next;
      tick();
    },
    note(message) {
      printer.line(message);
      if (printer.terminal && !ended) printer.draw(text());
    },
    done: (message) => end(message === undefined ? `${current}: done` : message),
    fail: (message) => end(message === undefined ? `${current}: failed` : message),
  };
}

/** Reports `what` for as long as `body` runs, and whether it succeeded. */
async function withProgress(what, body, options) {
  const progress = startProgress(what, options);
  try {
    const result = await body(progress);
    progress.done();
    return result;
  } catch (error) {
    progress.fail();
    throw error;
  }
}

module.exports = { formatElapsed, startProgress, withProgress };
