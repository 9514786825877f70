// One editor. Text goes out by onChange, and comes in only by setDoc, or typing would be undone.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete"
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands"
import { bracketMatching, foldGutter, foldKeymap, indentOnInput } from "@codemirror/language"
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint"
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search"
import { Compartment, EditorState } from "@codemirror/state"
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view"
import { completions } from "./completions.js"
import { language } from "./languages.js"
import { look } from "./look.js"

const BY_HAND = ["input", "delete", "undo", "redo", "move"]
const LEAVING = "Tab indents. To leave the editor press Escape, then Tab."

const byHand = update => update.transactions.some(each => BY_HAND.some(kind => each.isUserEvent(kind)))
// Neither the browser nor a shortcut of the page may see it, too: it would save twice.
const saving = onSave => keymap.of([{
  key: "Mod-s", preventDefault: true, stopPropagation: true,
  run: view => { onSave(view.state.doc.toString()); return true },
}])

const gutters = asked => asked.oneLine ? [] : [lineNumbers(), foldGutter(), highlightActiveLineGutter(), highlightActiveLine(), lintGutter()]
const oneLine = EditorState.transactionFilter.of(tr => tr.newDoc.lines > 1 ? [] : tr)

function writable(allowed) {
  return [EditorState.readOnly.of(!allowed), EditorView.contentAttributes.of({ "aria-readonly": String(!allowed) })]
}

function extensions(asked, words, writing) {
  return [
    saving(asked.onSave), gutters(asked), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(),
    search({ top: true }), highlightSelectionMatches(),
    autocompletion({ override: [completions(words)] }), language(asked.language), look, writing,
    asked.oneLine ? oneLine : [],
    EditorView.contentAttributes.of({ "aria-label": asked.label, "aria-description": LEAVING, "data-testid": "code-editor" }),
    keymap.of([
      ...(asked.oneLine ? [] : [indentWithTab]), ...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...lintKeymap,
      ...defaultKeymap, ...historyKeymap, ...foldKeymap,
    ]),
    EditorView.updateListener.of(update => {
      if (update.docChanged && byHand(update)) asked.onChange(update.state.doc.toString())
    }),
  ]
}

function placed(state, problem) {
  const line = state.doc.line(Math.max(1, Math.min(problem.line || 1, state.doc.lines)))
  const from = line.from + /^\s*/.exec(line.text)[0].length
  return { from: Math.min(from, line.to), to: line.to, severity: problem.severity, message: problem.message }
}

export function mountEditor(parent, asked) {
  let words = asked.words
  const writing = new Compartment()
  const view = new EditorView({
    parent, root: parent.getRootNode(),
    state: EditorState.create({ doc: asked.doc, extensions: extensions(asked, () => words, writing.of(writable(asked.writable))) }),
  })
  return {
    setDoc(doc) {
      if (doc !== view.state.doc.toString()) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: doc } })
    },
    setWords(given) { words = given },
    setWritable(allowed) { view.dispatch({ effects: writing.reconfigure(writable(allowed)) }) },
    setProblems(problems) { view.dispatch(setDiagnostics(view.state, problems.map(each => placed(view.state, each)))) },
    goTo(number) {
      const line = view.state.doc.line(Math.max(1, Math.min(number, view.state.doc.lines)))
      view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) })
      view.focus()
    },
    text: () => view.state.doc.toString(),
    destroy() { view.destroy() },
  }
}
