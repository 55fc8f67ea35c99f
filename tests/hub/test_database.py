from hub.catalogue_gate import findings
def test_tmp(database, make_tenant, analyst_session, settings):
    t = make_tenant()
    with analyst_session(t) as c:
        for f in findings(c, settings): print(f)
    with database.master_keys() as c:
        for f in findings(c, settings): print("k",f)
