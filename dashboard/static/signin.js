document.getElementById("signin").requestSubmit()
