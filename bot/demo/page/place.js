// A conversation opens at its end and stays there until its reader scrolls up, as at Discord; SimCord's page opens at its beginning.
const NEAR = 40;
const MEANT = 1000;

const timeline = document.getElementById("channel-timeline");
const list = document.getElementById("channel-message-list");
let following = true;
let touched = -MEANT;

function follow() {
  if (following) timeline.scrollTop = timeline.scrollHeight;
}

for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) {
  timeline.addEventListener(kind, (event) => { touched = event.timeStamp; }, { passive: true });
}
timeline.addEventListener("scroll", (event) => {
  if (event.timeStamp - touched < MEANT) following = timeline.scrollHeight - timeline.scrollTop - timeline.clientHeight < NEAR;
  else follow(); // the page itself went back to where it had been before the newest message came
}, { passive: true });
// Who sends something wants to see the answer.
document.addEventListener("submit", () => { following = true; });

const watcher = new ResizeObserver(follow);
watcher.observe(timeline);
watcher.observe(list);
