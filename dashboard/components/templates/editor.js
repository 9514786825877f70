// Holds one editor per place. What is typed goes to Python after a pause; from Python comes a text
// only with a new revision, or what is being typed would be undone.
const places = new WeakMap()

function api(place, root, data) {
  // This runs from a blob, whose modules can be named by whole addresses only.
  import(new URL(data.module, window.location.origin).href).then(({ mountEditor }) => {
    if (!places.has(root)) return
    const host = root.querySelector(".editor")
    host.textContent = ""
    place.editor = mountEditor(host, {
      doc: place.data.text, language: data.language, label: data.label, writable: place.data.writable,
      oneLine: data.one_line, words: place.data.words,
      onChange: text => {
        clearTimeout(place.timer)
        place.timer = setTimeout(() => { place.timer = null; place.emit("text", { text, revision: place.revision }) }, data.pause)
      },
      onSave: text => {
        clearTimeout(place.timer)
        place.timer = null
        place.emit("text", { text, revision: place.revision })
        place.save(Date.now())
      },
    })
    shown(place)
  })
}

function shown(place) {
  const { data, editor } = place
  editor.setWords(data.words)
  editor.setWritable(data.writable)
  editor.setProblems(data.problems)
  if (data.jump && data.jump.id !== place.jumped) {
    place.jumped = data.jump.id
    editor.goTo(data.jump.line)
  }
}

export default function (component) {
  const { data, parentElement: root, setStateValue, setTriggerValue } = component
  let place = places.get(root)
  if (!place) {
    place = { revision: data.revision, jumped: null, timer: null, editor: null }
    places.set(root, place)
    api(place, root, data)
  }
  place.data = data
  place.emit = setStateValue
  place.save = now => setTriggerValue("saved", now)
  root.querySelector(".editor").style.setProperty("--editor-height", `${data.height}px`)
  if (place.editor) {
    if (data.revision !== place.revision) {
      place.revision = data.revision
      clearTimeout(place.timer)
      place.editor.setDoc(data.text)
    }
    shown(place)
  }
  return () => {
    if (place.timer) {
      clearTimeout(place.timer)
      place.emit("text", { text: place.editor.text(), revision: place.revision })
    }
    place.editor?.destroy()
    places.delete(root)
  }
}
