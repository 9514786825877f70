// The mail is shown in a frame with an empty sandbox: an origin of its own, no scripts, no forms,
// no pop-ups, no navigation. A new frame loads behind the old one, so nothing flashes.
const states = new WeakMap()

function fit(root, data) {
  const stage = root.querySelector(".stage"), frame = root.querySelector(".frame")
  const scale = Math.min(1, (stage.clientWidth - 32) / data.width)
  frame.style.width = `${data.width}px`
  frame.style.height = `${data.height}px`
  frame.style.transform = `scale(${scale})`
  frame.style.marginInline = `${(data.width * scale - data.width) / 2}px`
  frame.style.marginBottom = `${data.height * scale - data.height}px`
  const shown = scale < 1 ? ` · ${Math.round(scale * 100)} %` : ""
  root.querySelector(".dims").textContent = `${data.width} px${shown}`
}

function load(root, data) {
  const body = root.querySelector(".body"), frame = document.createElement("iframe")
  frame.setAttribute("sandbox", "")
  frame.setAttribute("referrerpolicy", "no-referrer")
  frame.title = "E-mail preview"
  frame.style.colorScheme = data.scheme
  frame.className = "incoming"
  frame.srcdoc = data.html
  frame.onload = () => {
    for (const old of [...body.children]) if (old !== frame) old.remove()
    frame.className = ""
  }
  body.appendChild(frame)
}

export default function (component) {
  const { data, parentElement: root } = component
  const stage = root.querySelector(".stage")
  stage.dataset.device = data.device
  stage.dataset.scheme = data.scheme
  root.querySelector(".subject").textContent = data.subject
  root.querySelector(".from").textContent = data.sender
  root.querySelector(".preheader").textContent = data.preheader
  let state = states.get(root)
  if (!state) {
    state = { observer: new ResizeObserver(() => fit(root, state.data)) }
    states.set(root, state)
    state.observer.observe(stage)
  }
  state.data = data
  fit(root, data)
  if (state.html !== data.html || state.scheme !== data.scheme) {
    state.html = data.html
    state.scheme = data.scheme
    load(root, data)
  }
  return () => { state.observer.disconnect(); states.delete(root) }
}
