// Two texts side by side. Where the right one may be written in, parts of the left are taken over by button.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands"
import { MergeView } from "@codemirror/merge"
import { EditorState } from "@codemirror/state"
import { EditorView, keymap, lineNumbers } from "@codemirror/view"
import { language } from "./languages.js"
import { look } from "./look.js"

const side = (label, asked, more) => [
  lineNumbers(), history(), language(asked.language), look, keymap.of([...defaultKeymap, ...historyKeymap]),
  EditorView.contentAttributes.of({ "aria-label": label }), more,
]

const still = [EditorState.readOnly.of(true), EditorView.contentAttributes.of({ "aria-readonly": "true" })]

function take() {
  const button = document.createElement("button")
  button.textContent = "→"
  button.title = button.ariaLabel = "Take this part over"
  return button
}

export function mountComparison(parent, asked) {
  const heard = EditorView.updateListener.of(update => {
    if (update.docChanged) asked.onChange(update.state.doc.toString())
  })
  const view = new MergeView({
    parent, root: parent.getRootNode(), gutter: true, highlightChanges: true,
    a: { doc: asked.before, extensions: side(asked.labels[0], asked, still) },
    b: { doc: asked.after, extensions: side(asked.labels[1], asked, asked.writable ? heard : still) },
    collapseUnchanged: { margin: 3, minSize: 6 },
    ...(asked.writable ? { revertControls: "a-to-b", renderRevertControl: take } : {}),
  })
  return { destroy() { view.destroy() } }
}
