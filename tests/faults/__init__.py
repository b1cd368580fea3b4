"""The faults that a desk must survive, each with the test that proves it.

A fault is provoked for real: processes with a session of their own that are killed, a file system without room, locks
that another process holds, servers that go away. `injected/sitecustomize.py` names every step of a run that changes
something, so that a run can be killed, held or left without room at any of them; `equality.py` compares a desk row
by row with one that was left in peace. The long form is `python bench/faults.py --kills 300`.

F1   SIGKILL at random moments             test_kills::test_killed_at_random_moments; bench: random
F2   killed at each named point            test_kills::test_killed_at_named_points; bench: points;
                                           tests/store/warehouse/test_faults
F3   SIGTERM, SIGINT                       test_system::test_a_stop_is_one_within_ten_seconds;
                                           tests/stages/test_fetch (fetching);
                                           tests/flows/test_service, tests/flows/test_stop (serve)
F4   disk full on each store               test_system::test_a_disk_that_fills_at_any_write_is_one_line,
                                           ::test_a_file_system_that_is_full; bench: full;
                                           tests/store/warehouse/test_faults
F5   OSError on the n-th write             the same, at named points; tests/store/archive/test_archive; bench: full
F6   two runs at once                      test_system::test_two_runs_at_once
F7   stale lock                            test_kills::test_killed_at_named_points (each run takes over a dead one's)
F8   a reader holds the warehouse          test_system::test_a_reader_in_the_way; tests/store/warehouse/test_warehouse
F10  a migration killed at each step       test_kills::test_a_migration_killed_at_a_step; bench: creation
F11  clock skew                            test_inputs::test_a_clock_that_goes_back_changes_no_row
F12  corrupt, foreign or newer file        test_system::test_a_warehouse_that_does_not_fit_is_refused_before_any_write;
                                           tests/store/warehouse/test_damage, tests/store/warehouse/test_warehouse
F13  damaged journal                       test_kills::test_killed_at_named_points; tests/store/warehouse/test_faults
F14  the web server goes away              test_inputs::test_a_server_that_dies_at_a_third; tests/web/test_client
F17  no network                            test_inputs::test_no_network_is_known_in_seconds
F18  the Prefect server goes away          tests/flows/test_service::test_the_prefect_server_killed_comes_back
F19  a worker killed                       tests/workers/test_pool
F20  a poison document                     test_inputs::test_a_poison_document_costs_only_itself;
                                           tests/workers/test_pool
F22  missed schedules, no overlap          tests/schedule/test_calendar::test_missed_times_are_one,
                                           tests/flows/test_service
                                           ::test_killed_and_started_again_nothing_is_lost_or_there_twice
F23  inputs change while read              test_inputs::test_a_file_that_is_another_when_it_is_read_again;
                                           tests/hostile/test_files (within one reading)
F24  the same inputs again, and shuffled   test_inputs::test_rows_are_those_of_the_undisturbed_desk; tests/cli/test_run
F25  a replay killed                       test_inputs::test_a_replay_that_is_killed
F26  bad settings, schema, folder          test_system::test_a_warehouse_that_does_not_fit_is_refused_before_any_write,
                                           ::test_a_folder_that_cannot_be_written_is_refused;
                                           tests/cli/test_run::test_broken_settings_are_refused_before_any_write
I7   scratch space does not grow           test_system::test_nothing_is_left_over; bench: every part
"""
