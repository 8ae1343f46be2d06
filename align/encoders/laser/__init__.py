"""LASER (Artetxe & Schwenk 2019; LASER2 of Heffernan et al. 2022) without fairseq and without torch."""
