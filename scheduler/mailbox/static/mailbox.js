// Keeps the list up to date without redrawing it, and shows times as the reader's own.

const list = document.getElementById("mails");
const POLL = 2000;
let seen = "";

function localTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    const today = moment.toDateString() === new Date().toDateString();
    if ("full" in time.dataset) time.textContent = moment.toLocaleString();
    else if (today) time.textContent = moment.toLocaleTimeString();
    else time.textContent = moment.toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" });
    time.title = moment.toLocaleString();
  }
}

// Rows that stay keep their element, so focus, selection and scrolling stay with them.
function renew(fresh) {
  const rows = new Map([...list.children].map((row) => [row.dataset.id, row]));
  const wanted = [...fresh.getElementById("mails").children].map((row) => {
    const known = rows.get(row.dataset.id);
    if (!known) {
      localTimes(row);
      row.classList.add("new");
    }
    rows.delete(row.dataset.id);
    return known ?? document.adoptNode(row);
  });
  for (const gone of rows.values()) gone.remove();
  wanted.forEach((row, place) => {
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
  for (const id of ["found", "rest"]) {
    const [now, then] = [fresh.getElementById(id), document.getElementById(id)];
    if (now.innerHTML !== then.innerHTML) then.replaceChildren(...now.childNodes);
  }
  document.getElementById("clear").disabled = fresh.getElementById("clear").disabled;
}

async function load() {
  const answer = await fetch(location.href);
  if (answer.ok) renew(new DOMParser().parseFromString(await answer.text(), "text/html"));
}

async function look() {
  try {
    if (!document.hidden && list.dataset.live) {
      const now = await (await fetch("/count")).text();
      if (seen && seen !== now) await load();
      seen = now;
    }
  } catch {
    // The mailbox is restarting: the next look tells.
  } finally {
    setTimeout(look, POLL);
  }
}

function search() {
  const box = document.getElementById("q");
  let waiting = 0;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      history.replaceState(null, "", box.value ? `?q=${encodeURIComponent(box.value)}` : "/");
      list.dataset.live = "1";
      load();
    }, 150);
  });
}

function clearing() {
  document.getElementById("clear").addEventListener("click", async () => {
    if (!confirm("Delete every message in the mailbox?")) return;
    await fetch("/messages", { method: "DELETE" });
    await load();
  });
}

localTimes(document);
if (list) {
  search();
  clearing();
  look();
}
