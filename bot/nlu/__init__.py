"""NLU: thin graph components over `bot.understanding`, so that Rasa trains, stores and runs what we understand."""
