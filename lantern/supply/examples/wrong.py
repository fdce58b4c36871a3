# What the rules of semgrep.yml must find. Never imported; not part of the service.
def all_wrong(cursor, name, log, problem, given, the_secret):
    cursor.execute(f"SELECT * FROM staff WHERE name = '{name}'")
    mark_safe(name)
    subprocess.run(name, shell=True)
    eval(name)
    if given == the_secret:
        log.exception("it failed")
    log.info(f"heard {name}")
    csrf_exempt(all_wrong)
    path("open/", all_wrong, name="open")
    httpx.get("https://provider", verify=False)
    return random.random()
