// Two texts side by side; what is written into the right one goes to Python after a pause.
const places = new WeakMap()

function draw(place, root, data) {
  import(new URL(data.module, window.location.origin).href).then(({ mountComparison }) => {
    if (!places.has(root)) return
    const host = root.querySelector(".comparison")
    host.textContent = ""
    place.view?.destroy()
    place.view = mountComparison(host, {
      before: data.before, after: data.after, labels: data.labels, language: data.language, writable: data.writable,
      onChange: text => {
        clearTimeout(place.timer)
        place.timer = setTimeout(() => place.emit("text", { text, revision: data.revision }), data.pause)
      },
    })
  })
}

export default function (component) {
  const { data, parentElement: root, setStateValue } = component
  let place = places.get(root)
  const first = !place
  if (first) places.set(root, place = {})
  place.emit = setStateValue
  for (const [index, label] of root.querySelectorAll(".label").entries()) label.textContent = data.labels[index]
  if (first || place.revision !== data.revision) {
    place.revision = data.revision
    draw(place, root, data)
  }
  return () => { clearTimeout(place.timer); place.view?.destroy(); places.delete(root) }
}
