// What Streamlit's own markup leaves out for those who do not see it: the sections of the
// navigation are groups of links, and marks without a name are no images.
const NAVIGATION = '[data-testid="stSidebarNavItems"]'
const NAMELESS = 'g[role="graphics-symbol"]:not([aria-label])'

function mend() {
  for (const whole of document.querySelectorAll(NAVIGATION)) {
    whole.setAttribute("role", "group")
    for (const item of whole.querySelectorAll("li")) item.setAttribute("role", "none")
  }
  for (const mark of document.querySelectorAll(NAMELESS)) mark.setAttribute("role", "presentation")
}

let asked = false
function soon() {
  if (asked) return
  asked = true
  requestAnimationFrame(() => { asked = false; mend() })
}

let watching = false
export default function () {
  soon()
  if (watching) return
  watching = true
  new MutationObserver(soon).observe(document.body, { childList: true, subtree: true })
}
