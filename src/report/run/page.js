"use strict";
const all = Array.from(document.querySelectorAll(".conversation"));
const text = document.getElementById("text");
const outcome = document.getElementById("outcome");
const texts = all.map((one) => (one.dataset.run + " " + one.textContent).toLowerCase());
function show() {
  const words = text.value.toLowerCase().split(" ").filter((word) => word !== "");
  let count = 0;
  all.forEach((one, index) => {
    const isWanted = outcome.value === "" || one.dataset.outcome === outcome.value;
    const isFound = words.every((word) => texts[index].includes(word));
    one.hidden = !(isWanted && isFound);
    if (!one.hidden) count += 1;
  });
  document.getElementById("count").textContent = count + " of " + all.length + " conversations";
}
text.addEventListener("input", show);
outcome.addEventListener("input", show);
document.getElementById("filter").addEventListener("submit", (event) => event.preventDefault());
document.getElementById("filter").hidden = all.length === 0;
show();
const closed = [];
window.addEventListener("beforeprint", () => {
  closed.push(...all.filter((one) => !one.open));
  closed.forEach((one) => { one.open = true; });
});
window.addEventListener("afterprint", () => {
  closed.splice(0).forEach((one) => { one.open = false; });
});
